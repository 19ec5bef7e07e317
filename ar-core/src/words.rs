//! Lists of words as types: the options of a policy, each with its name in data. The first is the default.

macro_rules! words {
    ($(#[$doc:meta])* $Name:ident { $first:ident $first_name:literal $(#[$first_doc:meta])*, $( $word:ident $name:literal $(#[$word_doc:meta])* ),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $Name { #[default] $(#[$first_doc])* $first, $( $(#[$word_doc])* $word, )* }

        impl $Name {
            /// All of them.
            pub const ALL: &'static [Self] = &[Self::$first, $( Self::$word, )*];

            /// Its name in data.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { Self::$first => $first_name, $( Self::$word => $name, )* }
            }
        }
    };
}
pub(crate) use words;
