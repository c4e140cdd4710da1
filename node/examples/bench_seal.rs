//! Sides of the rows about objects: sealing and opening one of 1 MiB, beside the bare calls
//! of the AEAD's crate: in place on the same chunks, or with a new `Vec` each (`new-…`).
//! `scripts/bench` runs them; by hand:
//!
//! `cargo run --release -p symbolon-node --example bench_seal -- SIDE --seconds 2`

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs, reason = "an example")]

#[path = "../../scripts/benchmark/side.rs"]
#[allow(dead_code, reason = "no example uses all of it")]
mod side;

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use chacha20poly1305::aead::{Aead, AeadInOut};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use side::{Failure, SERVER_CORE, Window, Words};
use std::hint::black_box;
use symbolon_domain::crypto::key_tree::{ContentSecret, RootKey};
use symbolon_domain::crypto::object::{
    CHUNK_BYTES, Layout, Opener, SEALED_CHUNK_BYTES, Sealer, open, seal,
};
use symbolon_domain::crypto::{Crypto, RustCrypto, TAG_BYTES};
use symbolon_domain::secret::Secret;
use symbolon_node::crypto::AwsLc;

const TEXT_BYTES: usize = 1_024 * 1_024;
const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 12] = [0; 12];
const SALT: [u8; 32] = [3; 32];
const ID: [u8; 16] = [4; 16];

fn main() -> Result<(), Failure> {
    let words = Words::read();
    side::pin(SERVER_CORE)?;
    let seconds = words.get("--seconds")?;
    match words.side()? {
        "object-aws-lc" => objects(&AwsLc, seconds),
        "object-rustcrypto" => objects(&RustCrypto, seconds),
        "new-object-aws-lc" => new_objects(&AwsLc, seconds),
        "new-object-rustcrypto" => new_objects(&RustCrypto, seconds),
        "new-bare-aws-lc" => {
            let key = UnboundKey::new(&CHACHA20_POLY1305, &KEY).map_err(|_| "no key")?;
            let key = LessSafeKey::new(key);
            let nonce = || Nonce::assume_unique_for_key(NONCE);
            new(seconds, |text| {
                let mut sealed = text.to_vec();
                key.seal_in_place_append_tag(nonce(), Aad::empty(), &mut sealed).ok()?;
                let mut opened = black_box(sealed).clone();
                let length = key.open_in_place(nonce(), Aad::empty(), &mut opened).ok()?.len();
                opened.truncate(length);
                Some(opened)
            })
        }
        "new-bare-rustcrypto" => {
            let cipher = ChaCha20Poly1305::new(&KEY.into());
            let nonce = NONCE.into();
            new(seconds, |text| {
                let sealed = cipher.encrypt(&nonce, text).ok()?;
                cipher.decrypt(&nonce, &*black_box(sealed)).ok()
            })
        }
        "bare-aws-lc" => {
            let key = UnboundKey::new(&CHACHA20_POLY1305, &KEY).map_err(|_| "no key")?;
            let key = LessSafeKey::new(key);
            let nonce = || Nonce::assume_unique_for_key(NONCE);
            bare(seconds, |chunk| {
                let (text, tag) = chunk.split_last_chunk_mut::<TAG_BYTES>()?;
                let made = key.seal_in_place_separate_tag(nonce(), Aad::empty(), text).ok()?;
                tag.copy_from_slice(made.as_ref());
                key.open_in_place(nonce(), Aad::empty(), chunk).ok().map(drop)
            })
        }
        "bare-rustcrypto" => {
            let cipher = ChaCha20Poly1305::new(&KEY.into());
            let nonce = NONCE.into();
            bare(seconds, |chunk| {
                let (text, tag) = chunk.split_last_chunk_mut::<TAG_BYTES>()?;
                *tag = cipher.encrypt_inout_detached(&nonce, b"", (&mut *text).into()).ok()?.into();
                cipher.decrypt_inout_detached(&nonce, b"", text.into(), (&*tag).into()).ok()
            })
        }
        other => Err(format!("no side is called {other}").into()),
    }
}

/// Seals and opens an object as who holds one chunk of it does: from its header with the
/// key's commitment to the check that it was whole.
fn objects(crypto: &dyn Crypto, seconds: f64) -> Result<(), Failure> {
    let mut chunks = vec![[7; SEALED_CHUNK_BYTES]; TEXT_BYTES / CHUNK_BYTES];
    let sealed_length = Layout::of_plain(TEXT_BYTES as u64)?.sealed_length();
    let (secret, salt, id) = (secret()?, SALT, ID);
    let (window, mut count) = (Window::open(seconds), 0);
    while window.is_open() {
        let mut sealer = Sealer::new(&secret, &id, 1, &salt);
        let mut rest = chunks.len();
        for chunk in &mut chunks {
            rest -= 1;
            let (text, tag) = black_box(chunk).split_last_chunk_mut().ok_or("no room")?;
            *tag = sealer.seal_chunk(crypto, rest == 0, text)?;
        }
        let mut opener = Opener::new(&secret, &id, sealer.header(), sealed_length)?;
        for chunk in &mut chunks {
            opener.open_next(crypto, black_box(chunk))?;
        }
        opener.finish()?;
        count += 1;
    }
    window.close(count);
    Ok(())
}

/// Seals and opens a whole object, each time into a new `Vec`.
fn new_objects(crypto: &dyn Crypto, seconds: f64) -> Result<(), Failure> {
    let secret = secret()?;
    new(seconds, |text| {
        let sealed = seal(crypto, &secret, &ID, 1, &SALT, text).ok()?;
        open(crypto, &secret, &ID, &black_box(sealed)).ok()
    })
}

fn secret() -> Result<ContentSecret, Failure> {
    let (root, path) = (RootKey::new(Secret::new(KEY)), "identity.portrait".parse()?);
    Ok(root.epoch_secret(&path, 1).content_secret(&root.item_id(&path), &SALT))
}

/// Seals and opens one text again and again; what was opened is a new `Vec`.
fn new(seconds: f64, both: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Result<(), Failure> {
    let text = vec![7; TEXT_BYTES];
    let (window, mut count) = (Window::open(seconds), 0);
    while window.is_open() {
        black_box(both(black_box(&text)).ok_or("it did not open")?);
        count += 1;
    }
    window.close(count);
    Ok(())
}

/// Seals and opens in place, chunk by chunk of one buffer.
fn bare(seconds: f64, both: impl Fn(&mut [u8]) -> Option<()>) -> Result<(), Failure> {
    let mut chunks = vec![[7; SEALED_CHUNK_BYTES]; TEXT_BYTES / CHUNK_BYTES];
    let (window, mut count) = (Window::open(seconds), 0);
    while window.is_open() {
        for chunk in &mut chunks {
            both(black_box(chunk)).ok_or("it did not open")?;
        }
        count += 1;
    }
    window.close(count);
    Ok(())
}
