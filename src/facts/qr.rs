//! QR codes in pictures: what they say. Pictures come from anywhere, so their size is known before they are unpacked, and those that
//! would keep a decoder busy are left alone.

use std::io::Cursor;

/// Bytes of a picture that is looked at.
pub const MAX_BYTES: usize = 1 << 20;
/// Pixels of one.
const MAX_PIXELS: usize = 8 << 20;
/// A picture whose longer side has more pixels is made smaller by a whole factor first.
const SIDE: usize = 1_200;
/// Things that look like the corner of a code: with more of them the search takes its time.
const MAX_CORNERS: usize = 150;
/// Codes read of one picture.
const MAX_CODES: usize = 12;
/// Characters of a code that can be an address.
const MAX_TEXT: usize = 1_000;

/// Why a picture was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is no PNG, JPEG or GIF, or a broken one.
    NoPicture,
    /// It is larger than what is looked at.
    TooLarge,
    /// There is too much in it that looks like a code.
    TooComplex,
}

impl Unread {
    /// As a stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoPicture => "no-picture",
            Self::TooLarge => "too-large",
            Self::TooComplex => "too-complex",
        }
    }
}

/// A picture in shades of grey.
struct Grey {
    width: usize,
    height: usize,
    shades: Vec<u8>,
}

/// What the codes in a picture say, in order of their place; an empty list where there is none.
///
/// # Errors
/// Where the picture could not be looked at.
pub fn read(bytes: &[u8]) -> Result<Vec<String>, Unread> {
    if bytes.len() > MAX_BYTES {
        return Err(Unread::TooLarge);
    }
    let grey = match bytes {
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        [0xff, 0xd8, ..] => jpeg(bytes),
        [b'G', b'I', b'F', ..] => gif(bytes),
        _ => Err(Unread::NoPicture),
    }?
    .smaller();
    if grey.corners() > MAX_CORNERS {
        return Err(Unread::TooComplex);
    }
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(grey.width, grey.height, |x, y| {
        grey.shades[y * grey.width + x]
    });
    let mut said: Vec<(i32, i32, String)> = Vec::new();
    for grid in prepared.detect_grids().into_iter().take(MAX_CODES) {
        let at = grid.bounds[0];
        let Ok((_, text)) = grid.decode() else { continue };
        if text.chars().nth(MAX_TEXT).is_none() && !said.iter().any(|(.., known)| *known == text) {
            said.push((at.y / 40, at.x, text));
        }
    }
    said.sort();
    Ok(said.into_iter().map(|(.., text)| text).collect())
}

impl Grey {
    /// From samples of `channels` each: grey, grey and opacity, colours, colours and opacity. What is transparent shows white paper.
    fn of(width: usize, height: usize, channels: usize, samples: &[u8]) -> Result<Self, Unread> {
        let wanted = width.checked_mul(height).filter(|pixels| *pixels > 0 && *pixels <= MAX_PIXELS);
        let pixels = wanted.ok_or(Unread::TooLarge)?;
        if samples.len() < pixels * channels {
            return Err(Unread::NoPicture);
        }
        let shade = |pixel: &[u8]| {
            let (grey, opacity) = match *pixel {
                [grey] => (u32::from(grey), 255),
                [grey, opacity] => (u32::from(grey), u32::from(opacity)),
                [r, g, b] => (luma(r, g, b), 255),
                [r, g, b, opacity, ..] => (luma(r, g, b), u32::from(opacity)),
                [] => (255, 255),
            };
            u8::try_from((grey * opacity + 255 * (255 - opacity)) / 255).unwrap_or(255)
        };
        Ok(Self { width, height, shades: samples.chunks_exact(channels).take(pixels).map(shade).collect() })
    }

    /// With the longer side at most [`SIDE`].
    fn smaller(self) -> Self {
        let factor = self.width.max(self.height).div_ceil(SIDE);
        if factor <= 1 {
            return self;
        }
        let (width, height) = (self.width / factor, self.height / factor);
        let mut shades = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0;
                for row in 0..factor {
                    let start = (y * factor + row) * self.width + x * factor;
                    sum += self
                        .shades
                        .iter()
                        .skip(start)
                        .take(factor)
                        .map(|shade| usize::from(*shade))
                        .sum::<usize>();
                }
                shades.push(u8::try_from(sum / (factor * factor)).unwrap_or(255));
            }
        }
        Self { width, height, shades }
    }

    /// How many places look like a corner: dark and light in runs of 1, 1, 3, 1, 1 along a line, counted once for lines that
    /// touch.
    fn corners(&self) -> usize {
        let mut count = 0;
        let mut above: Vec<usize> = Vec::new();
        for row in self.shades.chunks_exact(self.width.max(1)) {
            let mut here = Vec::new();
            let mut runs = [0_usize; 5];
            let mut dark = false;
            for (x, shade) in row.iter().enumerate() {
                if (*shade < 128) == dark {
                    runs[4] += 1;
                    continue;
                }
                if dark && looks_like_corner(runs) {
                    here.push(x);
                }
                runs.rotate_left(1);
                runs[4] = 1;
                dark = !dark;
            }
            count += here.iter().filter(|x| !above.iter().any(|other| other.abs_diff(**x) <= 2)).count();
            above = here;
        }
        count
    }
}

fn looks_like_corner(runs: [usize; 5]) -> bool {
    let unit = runs.iter().sum::<usize>() / 7;
    let near = |(run, units): (usize, usize)| run.abs_diff(unit * units) * 2 <= unit * units;
    unit > 0 && runs.into_iter().zip([1, 1, 3, 1, 1]).all(near)
}

fn luma(r: u8, g: u8, b: u8) -> u32 {
    (u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000
}

fn png(bytes: &[u8]) -> Result<Grey, Unread> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| Unread::NoPicture)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    within(width, height)?;
    let size = reader.output_buffer_size().filter(|size| *size <= MAX_PIXELS * 4).ok_or(Unread::TooLarge)?;
    let mut samples = vec![0; size];
    let frame = reader.next_frame(&mut samples).map_err(|_| Unread::NoPicture)?;
    Grey::of(frame.width as usize, frame.height as usize, frame.color_type.samples(), &samples)
}

fn jpeg(bytes: &[u8]) -> Result<Grey, Unread> {
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::colorspace::ColorSpace;
    use zune_jpeg::zune_core::options::DecoderOptions;

    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| Unread::NoPicture)?;
    let (width, height) = decoder.dimensions().ok_or(Unread::NoPicture)?;
    within(width, height)?;
    let samples = decoder.decode().map_err(|_| Unread::NoPicture)?;
    let pixels = width * height;
    // Pictures in four inks come as they are.
    let channels = (samples.len() / pixels.max(1)).clamp(1, 4);
    Grey::of(width, height, channels, &samples)
}

fn gif(bytes: &[u8]) -> Result<Grey, Unread> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(|_| Unread::NoPicture)?;
    within(decoder.width().into(), decoder.height().into())?;
    let frame = decoder.read_next_frame().map_err(|_| Unread::NoPicture)?.ok_or(Unread::NoPicture)?;
    Grey::of(frame.width.into(), frame.height.into(), 4, &frame.buffer)
}

fn within(width: usize, height: usize) -> Result<(), Unread> {
    width.checked_mul(height).filter(|pixels| *pixels <= MAX_PIXELS).map(|_| ()).ok_or(Unread::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(name: &str) -> Vec<u8> {
        match name {
            "wechat.png" => include_bytes!("../../tests/data/qr/wechat.png").to_vec(),
            "weibo.jpg" => include_bytes!("../../tests/data/qr/weibo.jpg").to_vec(),
            "douyin.gif" => include_bytes!("../../tests/data/qr/douyin.gif").to_vec(),
            "transparent.png" => include_bytes!("../../tests/data/qr/transparent.png").to_vec(),
            "two.png" => include_bytes!("../../tests/data/qr/two.png").to_vec(),
            _ => include_bytes!("../../tests/data/qr/none.png").to_vec(),
        }
    }

    #[test]
    fn codes_in_the_pictures_that_sites_carry() {
        for (name, says) in [
            ("wechat.png", &["http://weixin.qq.com/r/abcdEFGH1234"][..]),
            ("weibo.jpg", &["https://weibo.com/u/1234567890"]),
            ("douyin.gif", &["https://v.douyin.com/iAbCdEf/"]),
            (
                "transparent.png",
                &["https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA5OTk5OTk5OQ=="],
            ),
            ("two.png", &["http://weixin.qq.com/r/first0001", "https://weibo.com/u/222222"]),
            ("none.png", &[]),
        ] {
            let says: Vec<String> = says.iter().map(|said| (*said).to_owned()).collect();
            assert_eq!(read(&picture(name)), Ok(says), "{name}");
        }
    }

    #[test]
    fn what_is_no_picture_costs_nothing() {
        assert_eq!(read(b""), Err(Unread::NoPicture));
        assert_eq!(read(b"<html>404</html>"), Err(Unread::NoPicture));
        assert_eq!(read(&vec![0; MAX_BYTES + 1]), Err(Unread::TooLarge));
        let mut huge = picture("wechat.png");
        huge.splice(16..24, [0, 1, 0, 0, 0, 1, 0, 0]);
        assert!(read(&huge).is_err(), "65536 pixels square, whatever its checksum says");
        for name in ["wechat.png", "weibo.jpg", "douyin.gif"] {
            let whole = picture(name);
            for cut in (0..whole.len()).step_by(whole.len() / 61) {
                let _ = read(&whole[..cut]);
                let mut other = whole.clone();
                other[cut] ^= 0x5a;
                let _ = std::panic::catch_unwind(|| read(&other));
            }
        }
    }

    #[test]
    fn a_carpet_of_corners_is_left_alone() {
        // Finder patterns side by side, as dense as they come.
        let shade = |x: usize, y: usize| {
            let (x, y) = (x % 9, y % 9);
            let ring = (x.min(y)).min((8 - x).min(8 - y));
            if matches!(ring, 1 | 3 | 4) { 0 } else { 255 }
        };
        let shades = (0..900 * 900).map(|at| shade(at % 900, at / 900)).collect();
        assert!(Grey { width: 900, height: 900, shades }.corners() > MAX_CORNERS);
    }
}
