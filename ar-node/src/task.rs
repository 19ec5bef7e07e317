//! Long work off the main thread. What it needs was copied out of JavaScript before; what it gives becomes an object after.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ar_core::facade::Refused;
use napi::bindgen_prelude::{ToNapiValue, TypeName};
use napi::{Env, Error, Result, Status, Task};

use crate::errors::raise;

/// Work to do once.
pub struct Work<T>(Option<Box<dyn FnOnce() -> std::result::Result<T, Refused> + Send>>);

impl<T> Work<T> {
    /// Work, which may be refused.
    pub(crate) fn new(work: impl FnOnce() -> std::result::Result<T, Refused> + Send + 'static) -> Self {
        Self(Some(Box::new(work)))
    }
}

impl<T: Send + ToNapiValue + TypeName + 'static> Task for Work<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> Result<T> {
        let done = || Error::new(Status::GenericFailure, "expected to be asked once");
        let work = self.0.take().ok_or_else(done)?;
        // No frame above this one is ours, so a panic must end here.
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(done) => done.map_err(raise),
            Err(panic) => Err(Error::new(Status::GenericFailure, said(panic.as_ref()))),
        }
    }

    fn resolve(&mut self, _: Env, output: T) -> Result<T> {
        Ok(output)
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}
