//! Numbers of a report as an Arrow column without a copy: the array keeps the report's memory alive.

use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array};
use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer, ScalarBuffer, ToByteSlice};
use bytes::Bytes;

use crate::problem::{Problem, Refused};

/// The numbers where they are.
pub(super) fn in_place<T, O>(owner: O) -> ScalarBuffer<T>
where
    T: ArrowNativeType,
    O: AsRef<[T]> + Send + 'static,
{
    struct Held<T, O>(O, PhantomData<T>);
    impl<T: ArrowNativeType, O: AsRef<[T]>> AsRef<[u8]> for Held<T, O> {
        fn as_ref(&self) -> &[u8] {
            self.0.as_ref().to_byte_slice()
        }
    }
    let length = owner.as_ref().len();
    ScalarBuffer::new(Buffer::from(Bytes::from_owner(Held(owner, PhantomData))), 0, length)
}

/// Units of the last digit as `decimal128(38, scale)`, null where they are not known.
pub(super) fn decimals(units: ScalarBuffer<i128>, known: Option<NullBuffer>, scale: u8) -> Result<ArrayRef, Refused> {
    let scale = i8::try_from(scale).unwrap_or(2);
    let array = Decimal128Array::try_new(units, known).and_then(|array| array.with_precision_and_scale(38, scale));
    array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| Problem::new("too_large", error.to_string()).into())
}
