//! Checkpoints: the end of a log at some time, signed, to be kept where whoever may write the log cannot.
//!
//! The chain alone finds what was changed in its middle. That the end was cut off, or all of it written
//! anew, only a checkpoint shows.

use crate::canonical;
use crate::error::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signing::{PublicKey, Purpose, SecretKey};

/// The end of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The last record's sequence; 0 for an empty log.
    pub sequence: u64,
    /// The hash of the last record's line; 64 zeros for an empty log.
    pub hash: String,
}

/// A checkpoint with who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCheckpoint {
    /// The end of the log.
    pub end: Checkpoint,
    /// When it was signed, to the second.
    pub time: Timestamp,
    /// The public key that checks the signature, as its file holds it.
    pub key: String,
    /// The signature of the canonical JSON of `end`, `time` and `key`.
    pub signature: String,
}

/// What is signed.
#[derive(Serialize)]
struct Message<'a> {
    end: &'a Checkpoint,
    time: Timestamp,
    key: &'a str,
}

impl SignedCheckpoint {
    /// Signs the end of a log that verifies.
    ///
    /// # Errors
    /// [`Error::NotJson`].
    pub fn new(end: Checkpoint, time: Timestamp, key: &SecretKey) -> Result<SignedCheckpoint, Error> {
        let time = Timestamp::from_second(time.as_second()).unwrap_or(time);
        let public = key.public().to_string();
        let message = message(&end, time, &public).ok_or(Error::NotJson)?;
        Ok(SignedCheckpoint {
            signature: key.sign(Purpose::Checkpoint, message.as_bytes()),
            key: public,
            end,
            time,
        })
    }

    /// The line that is kept.
    ///
    /// # Errors
    /// [`Error::NotJson`].
    pub fn text(&self) -> Result<String, Error> {
        canonical::text(self).ok_or(Error::NotJson)
    }

    /// A line that was kept; `None` if it is no checkpoint.
    pub fn parse(text: &str) -> Option<SignedCheckpoint> {
        serde_json::from_str(text).ok()
    }

    /// Whether this key signed it, and nothing of it was changed since.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.to_string() == self.key
            && message(&self.end, self.time, &self.key)
                .is_some_and(|message| key.verifies(Purpose::Checkpoint, message.as_bytes(), &self.signature))
    }
}

fn message(end: &Checkpoint, time: Timestamp, key: &str) -> Option<String> {
    canonical::text(&Message { end, time, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_what_was_signed() {
        let (key, other) = (SecretKey::generate().expect("random"), SecretKey::generate().expect("random"));
        let end = Checkpoint { sequence: 4, hash: "ab".repeat(32) };
        let signed = SignedCheckpoint::new(end, Timestamp::UNIX_EPOCH, &key).expect("signed");
        let again = SignedCheckpoint::parse(&signed.text().expect("text")).expect("parsed");
        assert_eq!(again, signed);
        assert!(again.is_signed_by(&key.public()));
        assert!(!again.is_signed_by(&other.public()));
        let mut changed = again.clone();
        changed.end.sequence = 3;
        assert!(!changed.is_signed_by(&key.public()));
        let mut changed = again;
        changed.time = Timestamp::from_second(1).expect("a second");
        assert!(!changed.is_signed_by(&key.public()));
    }
}
