//! Puts the pages into the program: every file of `web/dist` as it is and, where that is
//! smaller, compressed (brotli, RFC 7932), once, here. The bundle is committed, so that
//! building the node needs no Node.js.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a node must have to answer for.
const PAGES: [&str; 3] = ["phone.html", "front-end.html", "console.html"];

fn main() -> ExitCode {
    match embed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn embed() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let dist = manifest.join("web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    for page in PAGES {
        if !dist.join(page).is_file() {
            let dist = dist.display();
            let text = format!(
                "{dist} holds no {page}: get it from git, or run `npm ci && npm run build` in node/web"
            );
            return Err(text.into());
        }
    }
    let mut names = Vec::new();
    walk(&dist, "", &mut names)?;
    names.sort();
    let mut table = String::from("&[\n");
    for (number, name) in names.iter().enumerate() {
        let path = dist.join(name);
        let plain = std::fs::read(&path)?;
        let smaller = compress(&plain)?;
        let brotli = if smaller.len() < plain.len() {
            let file = out.join(format!("{number}.br"));
            std::fs::write(&file, smaller)?;
            format!("Some(include_bytes!({:?}))", utf8(&file)?)
        } else {
            "None".into()
        };
        writeln!(table, "({name:?}, include_bytes!({:?}), {brotli}),", utf8(&path)?)?;
    }
    table.push(']');
    Ok(std::fs::write(out.join("pages.rs"), table)?)
}

/// The names of all files, with `/` between folders.
fn walk(dist: &Path, below: &str, names: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(dist.join(below))? {
        let entry = entry?;
        let file = entry.file_name();
        let name = file.to_str().ok_or("a file of the bundle has no UTF-8 name")?;
        let name = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
        if entry.file_type()?.is_dir() {
            walk(dist, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn compress(mut plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut smaller = Vec::new();
    // The defaults are the best quality and the widest window that every browser takes.
    brotli::BrotliCompress(&mut plain, &mut smaller, &Default::default())?;
    Ok(smaller)
}

fn utf8(path: &Path) -> Result<&str, Box<dyn Error>> {
    path.to_str().ok_or_else(|| "the build folder's path is no UTF-8".into())
}
