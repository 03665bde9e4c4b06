//! The pages of the program itself.
//!
//! A program starts by reading much that it does not look at again: packed modules, tables, code that runs once. The kernel maps
//! sixteen pages around each that is touched, and they stay mapped for good. They are unmapped at the first, second, fourth and so on
//! collection; what is still needed comes back from the page cache, at a microsecond for sixteen pages.

/// Unmaps the constants and the code of the program and its libraries.
#[cfg(target_os = "linux")]
pub(crate) fn unmap_pages() {
    unmap(false);
}

/// Unmaps those of the libraries: to be called when the program begins. Linking it has looked at all their tables of symbols, and
/// at functions all over their code that choose between versions of others.
#[cfg(target_os = "linux")]
pub fn unmap_libraries() {
    unmap(true);
}

#[cfg(target_os = "linux")]
fn unmap(libraries_only: bool) {
    unsafe extern "C" fn visit(
        object: *mut libc::dl_phdr_info,
        _: usize,
        libraries_only: *mut libc::c_void,
    ) -> libc::c_int {
        // SAFETY: the loader passes a description of a loaded object, with its table of segments and its name, and what it was
        // given below.
        let (base, segments, passed_over) = unsafe {
            let object = &*object;
            let segments = std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum.into());
            // The program itself has no name.
            (object.dlpi_addr, segments, *(libraries_only as *const bool) && *object.dlpi_name == 0)
        };
        if passed_over {
            return 0;
        }
        for segment in segments {
            if segment.p_type == libc::PT_LOAD && segment.p_flags & libc::PF_W == 0 {
                // Whole pages inside the segment: its first and last may hold parts of others.
                let start = (base + segment.p_vaddr).next_multiple_of(PAGE);
                let end = (base + segment.p_vaddr + segment.p_memsz) / PAGE * PAGE;
                if start < end {
                    // SAFETY: nobody writes to these pages, so that what comes back from the file is what was there.
                    unsafe { libc::madvise(start as *mut _, (end - start) as usize, libc::MADV_DONTNEED) };
                }
            }
        }
        0
    }
    const PAGE: u64 = 4096;
    // SAFETY: the function reads what it is given only, here a truth value.
    unsafe { libc::dl_iterate_phdr(Some(visit), &raw const libraries_only as *mut _) };
}

/// Elsewhere the pages stay.
#[cfg(not(target_os = "linux"))]
pub(crate) fn unmap_pages() {}

/// As above.
#[cfg(not(target_os = "linux"))]
pub fn unmap_libraries() {}
