//! What may a name do to a letter? Nothing: it is printed as that name.
//!
//! Text that comes with a letter is a value of a template and never a template, so that `{{ 7*7 }}` stays what it is. Before
//! it gets there, characters that would move what stands around them are made harmless: line breaks and tabs become a
//! space; other control characters, and those that turn or embed the direction of text (U+202A to U+202E, U+2066 to
//! U+2069), become U+FFFD, so that nobody's name silently changes. Letters of right-to-left scripts stay, and so do the
//! marks U+200E, U+200F and U+061C, which end with the name. In HTML `& < > " '` are then written as entities.

/// Text of one line, as it may stand anywhere.
pub(super) fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // One line break, one space.
            '\r' if letters.peek() == Some(&'\n') => {}
            '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => clean.push(char::REPLACEMENT_CHARACTER),
            control if control.is_control() => clean.push(char::REPLACEMENT_CHARACTER),
            other => clean.push(other),
        }
    }
    clean
}

/// The paragraphs of text that may have several, each harmless; empty lines part them or are nothing.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(harmless).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// What HTML writes for a character that means something there.
pub(super) fn entity(letter: char) -> Option<&'static str> {
    match letter {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

/// How many places a text takes in a font of fixed width: two for wide letters, none for marks.
///
/// **Source**: the blocks of Unicode's East Asian Width that hold whole scripts; a single odd character may be off by one.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(places).fold(0, usize::saturating_add)
}

fn places(letter: char) -> usize {
    match u32::from(letter) {
        0x0300..=0x036f
        | 0x0483..=0x0489
        | 0x0591..=0x05bd
        | 0x064b..=0x065f
        | 0x200b..=0x200f
        | 0xfe00..=0xfe0f
        | 0xfeff => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe4f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Text broken into lines of at most so many places, at spaces; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, places: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line).saturating_add(width(word)).saturating_add(1) <= places => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
