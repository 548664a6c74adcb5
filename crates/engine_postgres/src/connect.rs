//! A connection: TLS, the settings that our texts count on, and why there is none.

use crate::address;
use engine::{Failure, ReadError};
use postgres::config::SslMode;
use postgres::error::SqlState;
use postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What every session says first: texts mean what they say, days are days of UTC, and row-level security
/// never quietly leaves rows out: where it would, the statement fails.
const SESSION: &str = "set standard_conforming_strings = on; set timezone = 'UTC'; set datestyle = 'ISO'; \
     set client_encoding = 'UTF8'; set extra_float_digits = 1; set jit = off; \
     set search_path = \"$user\", public; set client_min_messages = warning; \
     set row_security = off;";

/// A connection, and how to reach its server once more to stop it.
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) tls: Option<MakeRustlsConnect>,
}

/// Connects; the failure says what to do.
pub(crate) fn connect(url: &str) -> Result<Connected, ReadError> {
    let failed = |failure, detail: String| ReadError { failure, detail };
    let config = address::config(url).map_err(|reason| failed(Failure::BadAddress, reason))?;
    let told = |error: &postgres::Error| {
        failed(refusal(error), format!("{}: {}", address::shown(&config), words(error)))
    };
    let (mut client, tls) = if config.get_ssl_mode() == SslMode::Disable {
        (config.connect(NoTls).map_err(|error| told(&error))?, None)
    } else {
        let (tls, _) = MakeRustlsConnect::with_native_certs().map_err(|error| {
            failed(Failure::NoServer, format!("no certificates of the system: {error:?}"))
        })?;
        (config.connect(tls.clone()).map_err(|error| told(&error))?, Some(tls))
    };
    client.batch_execute(SESSION).map_err(|error| told(&error))?;
    let encoding: String = client
        .query_one("select current_setting('server_encoding')", &[])
        .and_then(|row| row.try_get(0))
        .map_err(|error| told(&error))?;
    if encoding != "UTF8" {
        return Err(failed(Failure::BadAddress, format!("the database is in {encoding}, not in UTF8")));
    }
    Ok(Connected { client, tls })
}

/// Why a server does not let somebody in.
fn refusal(error: &postgres::Error) -> Failure {
    match error.code() {
        Some(code)
            if *code == SqlState::INVALID_PASSWORD
                || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
        {
            Failure::NotLetIn
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => Failure::NoDatabase,
        Some(_) => Failure::Unavailable,
        // The client found no password to send.
        None if words(error).contains("password") => Failure::NotLetIn,
        None => Failure::NoServer,
    }
}

/// The words of the server and what stands behind them; they may carry data.
pub(crate) fn words(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => {
            let mut words = format!("{} {}: {}", db.severity(), db.code().code(), db.message());
            for more in [db.detail(), db.hint()].into_iter().flatten() {
                words.push_str("; ");
                words.push_str(more);
            }
            words
        }
        None => {
            let mut words = error.to_string();
            let mut cause = std::error::Error::source(error);
            while let Some(next) = cause {
                words.push_str(": ");
                words.push_str(&next.to_string());
                cause = next.source();
            }
            words
        }
    }
}
