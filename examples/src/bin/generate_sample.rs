//! Writes the sample ledger into `examples/data/`: the same bytes every time.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    std::fs::create_dir_all(&folder)?;
    for (name, text) in ar_examples::sample::files() {
        std::fs::write(folder.join(name), &text)?;
        println!("{name:24} {:6} rows {:8} bytes", text.lines().count().saturating_sub(1), text.len());
    }
    Ok(())
}
