//! Where a server is and who asks: the URL, and what stands beside it.
//!
//! A URL of the settings holds no password. It comes from `PGPASSWORD` or from the password file
//! (`PGPASSFILE`, else `~/.pgpass`), as for every other client; `?service=NAME` takes host, port, database
//! and user from the service file (`PGSERVICEFILE`, else `~/.pg_service.conf`). The formats are those of
//! libpq (PostgreSQL 15 documentation, 34.16 and 34.17).

use postgres::Config;
use postgres::config::{Host, SslMode};
use std::path::PathBuf;

/// The settings of a connection.
///
/// # Errors
/// What is wrong with the address, in words that hold no secret.
pub(crate) fn config(url: &str) -> Result<Config, String> {
    let (plain, service, sslmode) = taken_apart(url);
    let mut config: Config =
        plain.parse().map_err(|_| "the address is not postgres://USER@HOST:PORT/DATABASE".to_owned())?;
    if let Some(name) = service {
        from_service(&mut config, &name)?;
    }
    match sslmode.as_deref() {
        // A connection with TLS is always checked, whichever of these asks for it.
        Some("require" | "verify-ca" | "verify-full") => {
            config.ssl_mode(SslMode::Require);
        }
        Some("disable") => {
            config.ssl_mode(SslMode::Disable);
        }
        Some("prefer") => {
            config.ssl_mode(SslMode::Prefer);
        }
        Some(other) => return Err(format!("sslmode={other} is none of disable, prefer, require")),
        // On a network nothing is said in clear unless somebody asks for it.
        None if config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback) =>
        {
            config.ssl_mode(SslMode::Disable);
        }
        None => {
            config.ssl_mode(SslMode::Require);
        }
    }
    if config.get_hosts().is_empty() {
        config.host_path("/var/run/postgresql");
    }
    if config.get_user().is_none()
        && let Ok(user) = std::env::var("PGUSER").or_else(|_| std::env::var("USER"))
    {
        config.user(&user);
    }
    if config.get_password().is_none()
        && let Some(password) = std::env::var("PGPASSWORD").ok().or_else(|| from_file(&config))
    {
        config.password(password);
    }
    config.application_name("baseq");
    config.connect_timeout(std::time::Duration::from_secs(10));
    Ok(config)
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// Where the server is, for people: host and database.
pub(crate) fn shown(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "this machine".to_owned(),
    };
    let port = config.get_ports().first().map_or_else(String::new, |port| format!(" port {port}"));
    format!("{host}{port}")
}

/// The URL without the options that the client does not know, and these.
fn taken_apart(url: &str) -> (String, Option<String>, Option<String>) {
    let (before, options) = url.split_once('?').unwrap_or((url, ""));
    let (mut service, mut sslmode, mut kept) = (None, None, Vec::new());
    for option in options.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("service", name)) => service = Some(name.to_owned()),
            Some(("sslmode", mode)) => sslmode = Some(mode.to_owned()),
            _ => kept.push(option),
        }
    }
    let plain = if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) };
    (plain, service, sslmode)
}

fn home(file: &str) -> Option<PathBuf> {
    std::env::var_os("HOME").map(|home| PathBuf::from(home).join(file))
}

/// Host, port, database and user of a section of the service file, where the URL does not say them.
fn from_service(config: &mut Config, name: &str) -> Result<(), String> {
    let path = std::env::var_os("PGSERVICEFILE").map(PathBuf::from).or_else(|| home(".pg_service.conf"));
    let text = path.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
    let Some(text) = text else { return Err(format!("there is no service file for the service `{name}`")) };
    let Some(section) = section(&text, name) else {
        return Err(format!("the service file has no service `{name}`"));
    };
    for (key, value) in section {
        match key {
            "host" if config.get_hosts().is_empty() => {
                config.host(value);
            }
            "port" if config.get_ports().is_empty() => {
                let port =
                    value.parse().map_err(|_| format!("the port of the service `{name}` is no number"))?;
                config.port(port);
            }
            "dbname" if config.get_dbname().is_none() => {
                config.dbname(value);
            }
            "user" if config.get_user().is_none() => {
                config.user(value);
            }
            "password" if config.get_password().is_none() => {
                config.password(value);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The lines of a section.
fn section<'t>(text: &'t str, name: &str) -> Option<Vec<(&'t str, &'t str)>> {
    let mut found: Option<Vec<(&str, &str)>> = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(title) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if found.is_some() {
                break;
            }
            found = (title == name).then(Vec::new);
        } else if let (Some(lines), Some((key, value))) = (&mut found, line.split_once('=')) {
            lines.push((key.trim(), value.trim()));
        }
    }
    found
}

/// The password of the first line of the password file that fits.
fn from_file(config: &Config) -> Option<String> {
    let path = std::env::var_os("PGPASSFILE").map(PathBuf::from).or_else(|| home(".pgpass"))?;
    let text = std::fs::read_to_string(path).ok()?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        _ => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = config.get_user().unwrap_or_default();
    let database = config.get_dbname().unwrap_or(user);
    password(&text, [&host, &port, database, user])
}

/// The password of host, port, database and user.
fn password(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let fits = fields.len() == 5
            && fields.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| fields.last().cloned().unwrap_or_default())
    })
}

/// The fields between colons; a backslash stands before a colon or backslash that is meant.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' => fields.push(String::new()),
            other => {
                let meant = if other == '\\' { characters.next() } else { Some(other) };
                if let (Some(last), Some(meant)) = (fields.last_mut(), meant) {
                    last.push(meant);
                }
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_password_file_is_found() {
        let text = "# mine\nhost:5432:db:you:no\nhost:*:db:me:a\\:b\\\\c\n*:*:*:*:last\n";
        assert_eq!(password(text, ["host", "5433", "db", "me"]).as_deref(), Some("a:b\\c"));
        assert_eq!(password(text, ["other", "5432", "x", "y"]).as_deref(), Some("last"));
        assert_eq!(password("host:1:db:me:x", ["host", "2", "db", "me"]), None);
    }

    #[test]
    fn a_service_is_found() {
        let text = "[a]\nhost=one\n\n[b]\n# here\nhost = two\nport=5433\n[c]\nhost=three\n";
        assert_eq!(section(text, "b"), Some(vec![("host", "two"), ("port", "5433")]));
        assert_eq!(section(text, "d"), None);
    }

    #[test]
    fn a_network_is_never_spoken_over_in_clear_unasked() {
        let mode = |url: &str| config(url).expect("an address").get_ssl_mode();
        assert_eq!(mode("postgres://me@db.example.org/x"), SslMode::Require);
        assert_eq!(mode("postgres://me@db.example.org/x?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://me@db.example.org/x?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://me@localhost/x"), SslMode::Disable);
        assert_eq!(mode("postgres://me@%2Fvar%2Frun/x"), SslMode::Disable);
        // The name is here, and the connection goes elsewhere.
        assert_eq!(mode("postgres:///x?hostaddr=10.0.0.5"), SslMode::Require);
        assert_eq!(mode("postgres://me@localhost/x?hostaddr=10.0.0.5"), SslMode::Require);
        assert_eq!(mode("postgres://me@localhost/x?hostaddr=127.0.0.1"), SslMode::Disable);
        assert!(config("postgres://me@host/x?sslmode=perhaps").is_err());
        assert!(config("postgres://me@host:port/x").is_err());
    }
}
