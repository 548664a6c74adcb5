//! A CSV file in the making: a header, then rows of as many cells.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

/// A CSV file.
pub(crate) struct Table {
    writer: csv::Writer<BufWriter<File>>,
}

impl Table {
    /// Begins it with its header.
    pub(crate) fn new(path: &Path, header: &[&str]) -> io::Result<Table> {
        let mut writer = csv::Writer::from_writer(BufWriter::new(File::create(path)?));
        writer.write_record(header)?;
        Ok(Table { writer })
    }

    /// A row; an empty cell is null.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) -> io::Result<()> {
        Ok(self.writer.write_record(cells)?)
    }

    /// Ends it.
    pub(crate) fn close(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The text of an optional value; the empty text where there is none.
pub(crate) fn or_empty<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A number in tenths, hundredths and so on as a decimal: `decimal(65, 1)` is `6.5`.
pub(crate) fn decimal(number: i32, places: u32) -> String {
    let unit = 10_u32.pow(places);
    let (sign, number) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    if places == 0 {
        return format!("{sign}{number}");
    }
    format!("{sign}{}.{:0width$}", number / unit, number % unit, width = places as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        assert_eq!(
            [decimal(65, 1), decimal(-5, 2), decimal(207, 2), decimal(7, 0)],
            ["6.5", "-0.05", "2.07", "7"]
        );
    }
}
