//! What cases share: how a result is printed, and short ways to open and to fill.

use wasi::{Errno, Fd};

pub const ROOT: Fd = 3;
pub const READ: wasi::Rights = wasi::RIGHTS_FD_READ | wasi::RIGHTS_FD_READDIR;
pub const WRITE: wasi::Rights = wasi::RIGHTS_FD_WRITE;
pub const FOLLOW: wasi::Lookupflags = wasi::LOOKUPFLAGS_SYMLINK_FOLLOW;

/// `ok`, `ok VALUE`, or the error's name.
pub fn shown<T: std::fmt::Debug>(result: Result<T, Errno>) -> String {
    match result {
        Ok(value) => {
            let text = format!("{value:?}");
            if text == "()" {
                "ok".into()
            } else {
                format!("ok {text}")
            }
        }
        Err(errno) => errno.name().to_lowercase(),
    }
}

pub fn open(path: &str, oflags: wasi::Oflags, rights: wasi::Rights) -> Result<Fd, Errno> {
    unsafe { wasi::path_open(ROOT, FOLLOW, path, oflags, rights, 0, 0) }
}

/// A file that is made, or the one that is there.
pub fn file(path: &str) -> Fd {
    open(path, wasi::OFLAGS_CREAT, READ | WRITE).expect("a file")
}

pub fn close(fd: Fd) {
    unsafe { wasi::fd_close(fd) }.expect("an open descriptor");
}

/// All at an offset, however little one call takes.
pub fn put(fd: Fd, text: &str, offset: u64) {
    let mut done = 0;
    while done < text.len() {
        let part = wasi::Ciovec {
            buf: text[done..].as_ptr(),
            buf_len: text.len() - done,
        };
        done += unsafe { wasi::fd_pwrite(fd, &[part], offset + done as u64) }.expect("room");
    }
}

pub fn write(path: &str, text: &str) {
    let fd = file(path);
    put(fd, text, 0);
    close(fd);
}

/// What one `fd_pread` gives.
pub fn at(fd: Fd, offset: u64, length: usize) -> Result<String, Errno> {
    let mut buffer = vec![0; length];
    let part = wasi::Iovec {
        buf: buffer.as_mut_ptr(),
        buf_len: length,
    };
    let read = unsafe { wasi::fd_pread(fd, &[part], offset) }?;
    Ok(String::from_utf8_lossy(&buffer[..read]).replace('\0', "·"))
}

/// The names in a directory, sorted, with their types.
pub fn list(fd: Fd, room: usize) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    let mut cookie = wasi::DIRCOOKIE_START;
    let head = std::mem::size_of::<wasi::Dirent>();
    loop {
        let mut buffer = vec![0u8; room];
        let used = unsafe { wasi::fd_readdir(fd, buffer.as_mut_ptr(), room, cookie) }?;
        let mut rest = &buffer[..used];
        while rest.len() >= head {
            let entry: wasi::Dirent = unsafe { std::ptr::read_unaligned(rest.as_ptr().cast()) };
            let end = head + entry.d_namlen as usize;
            if rest.len() < end {
                break;
            }
            cookie = entry.d_next;
            let name = String::from_utf8_lossy(&rest[head..end]).into_owned();
            if name != "." && name != ".." {
                names.push(format!("{name}:{}", entry.d_type.name().to_lowercase()));
            }
            rest = &rest[end..];
        }
        if used < room {
            names.sort();
            return Ok(names);
        }
    }
}
