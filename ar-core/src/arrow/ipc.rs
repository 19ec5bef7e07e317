//! Record batches as bytes: the Arrow IPC stream and file formats, for hosts that hand over no pointers and for pickling.
//!
//! Bytes written here are a stream. Both formats are read, whichever the bytes begin with; compressed buffers are
//! refused. **Source**: Apache Arrow columnar format, "Serialization and interprocess communication".

use std::io::Cursor;
use std::panic::catch_unwind;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;

use crate::problem::{Problem, Refused};

/// What a file, as opposed to a stream, begins with.
const FILE_MAGIC: &[u8] = b"ARROW1";

/// The batches of a stream or a file.
///
/// # Errors
/// `wrong_type` when the bytes are neither; no bytes at all are what is left of a file that was cut off.
pub fn from_ipc(bytes: &[u8]) -> Result<Vec<RecordBatch>, Refused> {
    // The reader panics on some lengths that lead beyond the bytes, instead of refusing them.
    let read = catch_unwind(|| batches(bytes));
    let read = read.unwrap_or_else(|_| Err(ArrowError::IpcError(String::from("a length leads beyond the bytes"))));
    read.map_err(|error| Problem::new("wrong_type", format!("expected an Arrow IPC stream or file: {error}")).into())
}

fn batches(bytes: &[u8]) -> Result<Vec<RecordBatch>, ArrowError> {
    let cursor = Cursor::new(bytes);
    if bytes.is_empty() {
        Err(ArrowError::IpcError(String::from("there are no bytes")))
    } else if bytes.starts_with(FILE_MAGIC) {
        FileReader::try_new(cursor, None)?.collect()
    } else {
        StreamReader::try_new(cursor, None)?.collect()
    }
}

/// A batch as a stream of its own.
///
/// # Errors
/// `limit_exceeded` when it is more than a stream can hold.
pub fn to_ipc(batch: &RecordBatch) -> Result<Vec<u8>, Refused> {
    let write = |error: ArrowError| Refused::from(Problem::new("limit_exceeded", error.to_string()));
    let mut writer = StreamWriter::try_new(Vec::new(), batch.schema_ref()).map_err(write)?;
    writer.write(batch).map_err(write)?;
    writer.into_inner().map_err(write)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_ipc::writer::FileWriter;

    use super::*;

    fn batch() -> RecordBatch {
        let ids: ArrayRef = Arc::new(StringArray::from_iter_values(["A", "B"]));
        let amounts: ArrayRef = Arc::new(Int64Array::from_iter([Some(1), None]));
        RecordBatch::try_from_iter([("id", ids), ("amount_minor", amounts)]).unwrap()
    }

    #[test]
    fn a_batch_comes_back_from_a_stream_and_from_a_file() {
        assert_eq!(from_ipc(&to_ipc(&batch()).unwrap()).unwrap(), [batch()]);
        let mut file = FileWriter::try_new(Vec::new(), batch().schema_ref()).unwrap();
        file.write(&batch()).unwrap();
        file.write(&batch()).unwrap();
        assert_eq!(from_ipc(&file.into_inner().unwrap()).unwrap(), [batch(), batch()]);
        assert_eq!(from_ipc(b"").unwrap_err().code(), "wrong_type");
    }

    #[test]
    fn bytes_that_are_no_batch_are_refused_wherever_they_break_off() {
        let whole = to_ipc(&batch()).unwrap();
        for end in 1..whole.len() {
            match from_ipc(&whole[..end]) {
                Ok(batches) => assert!(batches.iter().all(|read| *read == batch())),
                Err(refused) => assert_eq!(refused.code(), "wrong_type"),
            }
        }
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0x81;
            assert!(from_ipc(&broken).map_or_else(|refused| refused.code() == "wrong_type", |read| read.len() <= 1));
        }
        assert_eq!(from_ipc(b"id,amount\nA,1\n").unwrap_err().code(), "wrong_type");
        assert_eq!(from_ipc(b"ARROW1").unwrap_err().code(), "wrong_type");
    }
}
