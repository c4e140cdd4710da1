//! What a first start makes, what a crash leaves, and what is refused.

use super::*;
use crate::clock::{SystemClock, SystemEntropy};
use symbolon_domain::bytes::base64url_decode;

fn region() -> Region {
    "eu1".parse().unwrap()
}

fn open(path: &Path) -> Result<DataFolder, DataFolderFault> {
    DataFolder::open(path, region(), &["wallet.example".into()], &SystemClock, &SystemEntropy)
}

/// Every file below, with its content.
fn contents(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn the_first_start_makes_everything_and_the_second_nothing() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("deep/data");
    let folder = open(&path).unwrap();
    assert_eq!(folder.keys().list().count(), Purpose::ALL.len());
    crate::tls::Identity::load(&folder.tls("server.pem"), &folder.tls("server.key")).unwrap();
    let names = crate::tls::certificates(&folder.tls("server.pem")).unwrap();
    assert_eq!(
        crate::tls::subject_names(&names[0]),
        ["localhost", "::1", "127.0.0.1", "wallet.example"]
    );
    assert!(matches!(open(&path), Err(DataFolderFault::InUse { .. })));
    drop(folder);
    let before = contents(&path);
    drop(open(&path).unwrap());
    assert_eq!(contents(&path), before);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    drop(open(&path).unwrap());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&path), mode(&path.join("keys")), mode(&path.join("tls"))),
        (0o700, 0o700, 0o700)
    );
    for (file, _) in contents(&path.join("keys")).into_iter().chain(contents(&path.join("tls"))) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let (key, _) = contents(&path.join("keys/webhook")).remove(0);
    let open_to_all = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&key, open_to_all.clone()).unwrap();
    let fault = open(&path).unwrap_err();
    assert!(fault.to_string().contains("chmod 0600"), "{fault}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(open(&path), Err(DataFolderFault::File(FileFault::Exposed { .. }))));
    // An empty one is simply closed.
    let empty = root.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    std::fs::set_permissions(&empty, std::fs::Permissions::from_mode(0o755)).unwrap();
    drop(open(&empty).unwrap());
    assert_eq!(mode(&empty), 0o700);
}

/// A crash can leave any prefix of the writes: each file in turn is missing, or half there
/// under its unfinished name, and the layout is never written.
#[test]
fn a_first_start_cut_short_is_completed() {
    let root = tempfile::tempdir().unwrap();
    let whole = root.path().join("whole");
    drop(open(&whole).unwrap());
    let files = contents(&whole);
    let mut repaired = 0;
    for (gone, content) in &files {
        let path = root.path().join(format!("cut-{repaired}"));
        for (file, content) in &files {
            let name = file.strip_prefix(&whole).unwrap();
            if file == gone || name == Path::new("layout") {
                continue;
            }
            let copy = path.join(name);
            files::make_folder(copy.parent().unwrap()).unwrap();
            files::write(&copy, content).unwrap();
        }
        let name = gone.strip_prefix(&whole).unwrap().display().to_string();
        let half = path.join(name + files::UNFINISHED);
        files::make_folder(half.parent().unwrap()).unwrap();
        std::fs::write(&half, &content[..content.len() / 2]).unwrap();
        let folder = open(&path).unwrap();
        assert_eq!(folder.keys().list().count(), Purpose::ALL.len());
        let identity =
            crate::tls::Identity::load(&folder.tls("server.pem"), &folder.tls("server.key"));
        crate::tls::ListenerTls::new(&identity.unwrap(), &crate::tls::Clients::Anyone).unwrap();
        assert!(
            !contents(&path)
                .iter()
                .any(|(file, _)| { file.to_string_lossy().ends_with(files::UNFINISHED) })
        );
        repaired += 1;
    }
    assert_eq!(repaired, files.len());
}

/// The layout says that a missing key is a loss: it comes last.
#[test]
fn a_first_start_that_failed_is_not_taken_for_whole() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    files::make_folder(&path).unwrap();
    std::fs::write(path.join("tls"), b"no folder").unwrap();
    assert!(open(&path).is_err());
    assert!(!path.join("layout").exists());
    std::fs::remove_file(path.join("tls")).unwrap();
    assert_eq!(open(&path).unwrap().keys().list().count(), Purpose::ALL.len());
}

struct Later(u64);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0 * 86_400_000)
    }
}

#[test]
fn the_server_certificate_is_issued_again_when_it_must() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    let (pem, key) = (path.join("tls/server.pem"), path.join("tls/server.key"));
    let at = |days, hosts: &[&str]| {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        DataFolder::open(&path, region(), &hosts, &Later(days), &SystemEntropy).map(drop)
    };
    let shown = || crate::tls::certificates(&pem).unwrap().remove(0);
    at(0, &["one.example"]).unwrap();
    let first = shown();
    at(366, &["one.example"]).unwrap();
    assert_eq!(shown(), first, "a month is left");
    at(368, &["one.example"]).unwrap();
    let second = shown();
    assert!(crate::tls::expires(&second) > crate::tls::expires(&first));
    at(368, &[]).unwrap();
    assert_eq!(shown(), second, "one host more than needed");
    at(368, &["one.example", "two.example"]).unwrap();
    assert!(crate::tls::subject_names(&shown()).contains(&"two.example".to_owned()));

    // Cut short between its two files: no certificate lies beside another's key.
    let in_the_way = path.join("tls/server.pem.unfinished");
    std::fs::create_dir(&in_the_way).unwrap();
    let before = std::fs::read(&key).unwrap();
    at(368, &["three.example"]).unwrap_err();
    assert!(std::fs::read(&key).unwrap() != before && !pem.exists());
    std::fs::remove_dir(&in_the_way).unwrap();
    at(368, &["three.example"]).unwrap();
    crate::tls::Identity::load(&pem, &key).unwrap();
}

#[test]
fn a_lost_key_is_not_replaced_silently() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    drop(open(&path).unwrap());
    let (key, content) = contents(&path.join("keys/token-pepper")).remove(0);
    std::fs::remove_file(&key).unwrap();
    let fault = open(&path).unwrap_err();
    assert!(matches!(fault, DataFolderFault::KeyRing(KeyRingFault::Missing { .. })), "{fault}");
    // A damaged one is told, and the text shows nothing of the key.
    let text = String::from_utf8(content).unwrap();
    let secret = text.lines().last().unwrap().strip_prefix("secret ").unwrap().to_owned();
    files::write(&key, text.replace("symmetric", "ES256").as_bytes()).unwrap();
    let fault = open(&path).unwrap_err();
    assert!(matches!(fault, DataFolderFault::KeyRing(KeyRingFault::Damaged { .. })), "{fault}");
    assert!(!format!("{fault} {fault:?}").contains(&secret));
    files::write(&key, text.as_bytes()).unwrap();
    assert!(!format!("{:?}", open(&path).unwrap()).contains(&secret));
}

#[test]
fn foreign_newer_and_other_regions_folders_are_refused() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("photo.jpg"), b"x").unwrap();
    let fault = open(root.path()).unwrap_err();
    assert!(matches!(&fault, DataFolderFault::Foreign { found, .. } if found == "photo.jpg"));
    assert_eq!(contents(root.path()).len(), 1, "nothing was written there");

    let path = root.path().join("data");
    drop(open(&path).unwrap());
    let other = "us1".parse().unwrap();
    let outcome = DataFolder::open(&path, other, &[], &SystemClock, &SystemEntropy);
    assert!(matches!(outcome, Err(DataFolderFault::OtherRegion { .. })));
    files::write(&path.join("layout"), b"symbolon-data 2\nregion eu1\n").unwrap();
    assert!(matches!(open(&path), Err(DataFolderFault::Newer { found: 2, .. })));
    files::write(&path.join("layout"), b"something else").unwrap();
    assert!(matches!(open(&path), Err(DataFolderFault::Foreign { .. })));
}

#[test]
fn rotation_keeps_the_old_and_signs_the_new() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    drop(open(&path).unwrap());
    let mut ring = KeyRing::load(&path.join("keys")).unwrap();
    let old = ring.current(Purpose::Webhook).unwrap().id.clone();
    let new = ring.rotate(Purpose::Webhook, &SystemClock, &SystemEntropy).unwrap().id.clone();
    assert_ne!(old, new);
    let again = KeyRing::load(&path.join("keys")).unwrap();
    assert_eq!(again.current(Purpose::Webhook).unwrap().id, new);
    assert!(again.by_id(Purpose::Webhook, &old).is_some());
    assert_eq!(again.public_document(), ring.public_document());
    let payload = again.public_document().split('.').nth(1).unwrap().to_owned();
    let payload = String::from_utf8(base64url_decode(&payload).unwrap()).unwrap();
    // Root, session statements, token service, log, and two for webhooks; no symmetric one.
    assert_eq!(payload.matches("\"kid\"").count(), 6);
    assert!(payload.contains(&new) && !payload.contains("token-pepper"), "{payload}");

    // A crash after the new key and before its signature: the next start signs.
    files::write(&path.join("keys/public.jws"), b"stale").unwrap();
    let repaired = KeyRing::load(&path.join("keys")).unwrap();
    assert_eq!(repaired.public_document().split('.').count(), 3);
    // A new root signs everything anew.
    ring.rotate(Purpose::ClusterRoot, &SystemClock, &SystemEntropy).unwrap();
    let header = ring.public_document().split('.').next().unwrap();
    let header = String::from_utf8(base64url_decode(header).unwrap()).unwrap();
    assert!(header.contains(&ring.current(Purpose::ClusterRoot).unwrap().id), "{header}");
}

#[test]
fn the_ring_says_what_does_not_belong_there() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    drop(open(&path).unwrap());
    let keys = path.join("keys");
    let damaged = |says: &str| match KeyRing::load(&keys) {
        Err(KeyRingFault::Damaged { text, .. }) => assert!(text.contains(says), "{text}"),
        other => panic!("it was taken, or refused otherwise: {other:?}"),
    };
    // A key that signs as well, but was made for something else.
    let (_, root_key) = contents(&keys.join("cluster-root")).remove(0);
    let stray = keys.join("session-statement/stray.key");
    files::write(&stray, &root_key).unwrap();
    damaged("another purpose");
    std::fs::remove_file(&stray).unwrap();
    let note = keys.join("session-statement/note.txt");
    files::write(&note, b"x").unwrap();
    damaged("no key file");
    std::fs::remove_file(&note).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o750)).unwrap();
        let fault = KeyRing::load(&keys).unwrap_err();
        assert!(matches!(fault, KeyRingFault::File(FileFault::Exposed { .. })), "{fault}");
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    KeyRing::load(&keys).unwrap();
}

#[test]
fn the_public_keys_are_the_rings_and_signed() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data");
    drop(open(&path).unwrap());
    let keys = path.join("keys");
    let mut ring = KeyRing::load(&keys).unwrap();
    let first = ring.public_document().to_owned();
    // Also after a clock that was set back the new one is the newest.
    let new = ring.rotate(Purpose::Webhook, &Back, &SystemEntropy).unwrap().id.clone();
    let second = ring.public_document().to_owned();
    assert_eq!(KeyRing::load(&keys).unwrap().current(Purpose::Webhook).unwrap().id, new);
    let (message, _) = second.rsplit_once('.').unwrap();
    let (_, signature) = first.rsplit_once('.').unwrap();
    // Signed, but of before; of now, but not signed.
    for wrong in [first.clone(), format!("{message}.{signature}")] {
        files::write(&keys.join("public.jws"), wrong.as_bytes()).unwrap();
        let text = KeyRing::load(&keys).unwrap().public_document().to_owned();
        assert_ne!(text, wrong);
        assert_eq!(text.rsplit_once('.').unwrap().0, message);
        let kept = files::read(&keys.join("public.jws")).unwrap();
        assert_eq!(kept, text.as_bytes(), "and kept so");
    }
}

struct Back;

impl Clock for Back {
    fn now(&self) -> Timestamp {
        Timestamp(1_000)
    }
}

#[test]
fn public_halves_are_those_of_the_standards() {
    use symbolon_domain::secret::Secret;
    let hex = |text: &str| -> [u8; 32] {
        let pairs = text.as_bytes().chunks(2);
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        pairs.map(byte).collect::<Vec<_>>().try_into().unwrap()
    };
    let x = |algorithm: Algorithm, secret: &str| {
        base64url_decode(&algorithm.public(&Secret::new(hex(secret))).unwrap().unwrap().x).unwrap()
    };
    // RFC 7748 section 5.2 (the first iteration) and RFC 8032 section 7.1.
    let nine = format!("09{}", "0".repeat(62));
    assert_eq!(
        x(Algorithm::X25519, &nine),
        hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
    );
    assert_eq!(
        x(Algorithm::Ed25519, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
        hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    );
    // RFC 6979 appendix A.2.5.
    assert_eq!(
        x(Algorithm::ES256, "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"),
        hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
    );
    assert!(Algorithm::ES256.public(&Secret::new([0xff; 32])).is_err());
}
