//! Keys and signatures: a steward signs policy, an auditor signs the end of the log.
//!
//! Signatures are Ed25519 (RFC 8032). What is signed always begins with a [`Purpose`], so that a
//! signature of one kind is none of another. A key lies in two files: the secret one, which only its
//! owner can read, and beside it the public one, which is given to whoever checks. There is no key
//! server and no chain of trust: who trusts a key keeps its public file.

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// How the line of a secret key begins.
const SECRET: &str = "baseq-secret-key ed25519";
/// How the line of a public key begins.
const PUBLIC: &str = "baseq-public-key ed25519";

/// What a signature is for; part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Policy files that a steward lets into a warehouse.
    Policy,
    /// The end of an audit log.
    Checkpoint,
}

impl Purpose {
    fn words(self) -> &'static str {
        match self {
            Purpose::Policy => "baseq policy, version 1\n",
            Purpose::Checkpoint => "baseq audit checkpoint, version 1\n",
        }
    }
}

/// A key that signs. It is wiped from memory when it goes, and its debug form shows the public half.
pub struct SecretKey(SigningKey);

/// A key that checks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why a key cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Its file cannot be read or made.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is there already: a key is never written over.
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The text is not a key of this kind.
    NotAKey {
        /// Where it came from.
        from: String,
        /// How a line of such a key begins.
        begins: &'static str,
    },
    /// Other people than its owner can read the secret key.
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    NoRandomness,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::File { path, source } => write!(f, "{}: {source}", path.display()),
            Error::Exists { path } => {
                write!(f, "{} is there already, and a key is never written over", path.display())
            }
            Error::NotAKey { from, begins } => {
                write!(f, "{from} is not one line `{begins} …` with 64 hexadecimal digits")
            }
            Error::Exposed { path } => {
                write!(
                    f,
                    "{} can be read by others than its owner; `chmod 600` it, and think about a new key",
                    path.display()
                )
            }
            Error::NoRandomness => f.write_str("the system gives no random numbers, so no key can be made"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::File { source, .. } => Some(source),
            Error::Exists { .. } | Error::NotAKey { .. } | Error::Exposed { .. } | Error::NoRandomness => {
                None
            }
        }
    }
}

impl SecretKey {
    /// A new key.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn generate() -> Result<SecretKey, Error> {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed).map_err(|_| Error::NoRandomness)?;
        Ok(SecretKey(SigningKey::from_bytes(&seed)))
    }

    /// Writes the secret key to `path`, readable by its owner alone, and the public one to `path.pub`,
    /// whose path is given back.
    ///
    /// # Errors
    /// One of them is there already or cannot be made.
    pub fn write(&self, path: &Path) -> Result<PathBuf, Error> {
        let beside = public_path(path);
        make(&beside, 0o644, &format!("{}\n", self.public()))?;
        let secret = make(path, 0o600, &format!("{SECRET} {}\n", hex(&self.0.to_bytes())));
        if let Err(error) = secret {
            // Half a pair is no use; the first error is the one to tell.
            let _ = std::fs::remove_file(&beside);
            return Err(error);
        }
        Ok(beside)
    }

    /// Reads a secret key.
    ///
    /// # Errors
    /// The file cannot be read, holds no secret key, or can be read by others.
    pub fn read(path: &Path) -> Result<SecretKey, Error> {
        let text = text(path)?;
        let seed = digits(&text, SECRET)
            .ok_or_else(|| Error::NotAKey { from: path.display().to_string(), begins: SECRET })?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let file = |source| Error::File { path: path.to_owned(), source };
            if std::fs::metadata(path).map_err(file)?.permissions().mode() & 0o077 != 0 {
                return Err(Error::Exposed { path: path.to_owned() });
            }
        }
        Ok(SecretKey(SigningKey::from_bytes(&seed)))
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The signature of a message, 128 hexadecimal digits.
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> String {
        hex(&self.0.sign(&signed(purpose, message)).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

impl PublicKey {
    /// Reads a public key from its file.
    ///
    /// # Errors
    /// The file cannot be read or holds no public key.
    pub fn read(path: &Path) -> Result<PublicKey, Error> {
        PublicKey::parse(&text(path)?)
            .ok_or_else(|| Error::NotAKey { from: path.display().to_string(), begins: PUBLIC })
    }

    /// A public key as it is printed.
    pub fn parse(text: &str) -> Option<PublicKey> {
        VerifyingKey::from_bytes(&digits(text, PUBLIC)?).ok().map(PublicKey)
    }

    /// Whether the signature, 128 hexadecimal digits, is one of this key for this message. Weak keys and
    /// forms that another checker would judge otherwise are refused.
    pub fn verifies(&self, purpose: Purpose, message: &[u8], signature: &str) -> bool {
        let Some(bytes) = unhex::<64>(signature) else { return false };
        let signature = ed25519_dalek::Signature::from_bytes(&bytes);
        self.0.verify_strict(&signed(purpose, message), &signature).is_ok()
    }
}

/// As its file holds it: `baseq-public-key ed25519` and 64 hexadecimal digits.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC} {}", hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// Where the public half of a key lies: beside it, `.pub`.
pub fn public_path(secret: &Path) -> PathBuf {
    let mut name = secret.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn signed(purpose: Purpose, message: &[u8]) -> Vec<u8> {
    [purpose.words().as_bytes(), message].concat()
}

fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })
}

fn make(path: &Path, mode: u32, text: &str) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
        _ => Error::File { path: path.to_owned(), source },
    })
}

/// The digits of a key's only line.
fn digits(text: &str, begins: &str) -> Option<[u8; 32]> {
    unhex(text.trim_end().strip_prefix(begins)?.strip_prefix(' ')?)
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    (digits.len() == 2 * N).then(|| bytes.try_into().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let key = SigningKey::from_bytes(&unhex(seed).expect("32 bytes"));
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(hex(key.verifying_key().as_bytes()), public);
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(hex(&key.sign(&[0x72]).to_bytes()), signature);
    }

    #[test]
    fn a_signature_is_of_one_key_one_purpose_and_one_message() {
        let (mine, other) = (SecretKey::generate().expect("random"), SecretKey::generate().expect("random"));
        let signature = mine.sign(Purpose::Policy, b"may show sex");
        assert!(mine.public().verifies(Purpose::Policy, b"may show sex", &signature));
        assert!(!mine.public().verifies(Purpose::Policy, b"may show all", &signature));
        assert!(!mine.public().verifies(Purpose::Checkpoint, b"may show sex", &signature));
        assert!(!other.public().verifies(Purpose::Policy, b"may show sex", &signature));
        for broken in ["", "00", &signature[2..], &"g".repeat(128)] {
            assert!(!mine.public().verifies(Purpose::Policy, b"may show sex", broken));
        }
    }

    #[test]
    fn keys_are_read_as_they_were_written_and_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("steward.key");
        let key = SecretKey::generate().expect("random");
        let public = key.write(&path).expect("written");
        assert_eq!(PublicKey::read(&public).expect("read"), key.public());
        assert_eq!(SecretKey::read(&path).expect("read").public(), key.public());
        assert!(matches!(key.write(&path), Err(Error::Exists { .. })));
        assert!(matches!(SecretKey::read(&public), Err(Error::NotAKey { .. })));
        assert!(matches!(PublicKey::read(&path), Err(Error::NotAKey { .. })));
        assert!(!format!("{key:?}").contains(&hex(&key.0.to_bytes())), "a log must not hold a secret key");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("steward.key");
        SecretKey::generate().expect("random").write(&path).expect("written");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("set");
        assert!(matches!(SecretKey::read(&path), Err(Error::Exposed { .. })));
    }
}
