//! The QR code in a picture of a window, read as a phone's camera would.

use super::window::Window;

/// What the code in a picture says; none where there is no code, or more than one.
pub(crate) fn read(png: &[u8]) -> Option<String> {
    let picture = image::load_from_memory(png).ok()?.to_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture.get_pixel(x as u32, y as u32).0[0]
    });
    match prepared.detect_grids().as_slice() {
        [grid] => grid.decode().ok().map(|(_, text)| text),
        _ => None,
    }
}

impl Window {
    /// Waits for a code on the window, and reads it from a picture of it.
    pub(crate) fn code(&self) -> String {
        self.wait("a QR code on the picture", || read(&self.screenshot()?))
    }
}
