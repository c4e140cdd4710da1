//! What a front end shows: a session's link as SVG, as PNG, and for a terminal.

use super::call::Request as Asked;
use super::guard::Guard;
use super::json::At;
use super::problem::{Answer, Problem};
use super::route::Route;
use super::sessions;
use super::state::App;
use super::trouble::Trouble;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use image::{ExtendedColorType, ImageEncoder, Luma};
use qrcode::render::{svg, unicode::Dense1x2};
use qrcode::{EcLevel, QrCode};
use std::sync::Arc;
use symbolon_domain::entity::session::SessionStage;
use symbolon_domain::{Id, Rejection};

/// Least width of an image, pixels.
const WIDTH_MIN: u32 = 384;

/// How a code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Svg,
    Png,
    /// Half blocks, light on dark as a terminal is.
    Text,
}

impl Form {
    fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/sessions/{id}/qr.svg", Guard::FrontEnd, svg, "The code as SVG")
            .gives_bytes(Form::Svg.media_type()),
        Route::get("/v1/sessions/{id}/qr.png", Guard::FrontEnd, png, "The code as PNG")
            .gives_bytes(Form::Png.media_type()),
        Route::get("/v1/sessions/{id}/qr.txt", Guard::FrontEnd, text, "The code for a terminal")
            .gives_bytes(Form::Text.media_type()),
    ]
}

async fn svg(State(app): State<Arc<App>>, asked: Asked, At(id): At<Id>) -> Answer<Response> {
    draw(&app, &asked, id, Form::Svg).await
}

async fn png(State(app): State<Arc<App>>, asked: Asked, At(id): At<Id>) -> Answer<Response> {
    draw(&app, &asked, id, Form::Png).await
}

async fn text(State(app): State<Arc<App>>, asked: Asked, At(id): At<Id>) -> Answer<Response> {
    draw(&app, &asked, id, Form::Text).await
}

async fn draw(app: &App, asked: &Asked, id: Id, form: Form) -> Answer<Response> {
    let session = sessions::look(app, asked, id).await?;
    // A code that nobody can claim any more is not shown.
    if session.still_running(app.now())? != SessionStage::Open {
        return Err(Rejection::WrongState.into());
    }
    let link = sessions::link(app, id, &session).ok_or(Rejection::WrongState)?;
    let drawn = render(&link, form).ok_or_else(|| {
        tracing::error!("a session's link does not fit into a QR code");
        Problem::from(Trouble::Internal)
    })?;
    let headers = [(header::CONTENT_TYPE, form.media_type()), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, drawn).into_response())
}

fn render(link: &str, form: Form) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    Some(match form {
        Form::Svg => {
            let mut drawn = code.render::<svg::Color<'_>>();
            drawn.min_dimensions(WIDTH_MIN, WIDTH_MIN).build().into_bytes()
        }
        Form::Png => {
            let drawn = code.render::<Luma<u8>>().min_dimensions(WIDTH_MIN, WIDTH_MIN).build();
            let mut out = Vec::new();
            image::codecs::png::PngEncoder::new(&mut out)
                .write_image(drawn.as_raw(), drawn.width(), drawn.height(), ExtendedColorType::L8)
                .ok()?;
            out
        }
        Form::Text => {
            let drawn = code
                .render::<Dense1x2>()
                .dark_color(Dense1x2::Light)
                .light_color(Dense1x2::Dark)
                .build();
            (drawn + "\n").into_bytes()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str =
        "https://wallet.example/s/ses_eu1_gaytemzugu3doobzmfrggzdfmy#AAECAwQFBgcICQoLDA0ODw";

    fn read(pixels: image::GrayImage) -> String {
        let (width, height) = pixels.dimensions();
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
                pixels.get_pixel(x as u32, y as u32).0[0]
            });
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn a_camera_reads_the_png() {
        let png = render(LINK, Form::Png).unwrap();
        let pixels = image::load_from_memory(&png).unwrap().into_luma8();
        assert!(pixels.width() >= WIDTH_MIN);
        assert_eq!(read(pixels), LINK);
    }

    // A half block is two modules, each drawn here as 8 by 8 pixels; light is what is printed.
    #[test]
    fn a_camera_reads_the_terminal() {
        let text = render(LINK, Form::Text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let (width, height) = (lines[0].len() as u32, lines.len() as u32 * 2);
        let pixels = image::GrayImage::from_fn(width * 8, height * 8, |x, y| {
            let (column, row) = ((x / 8) as usize, (y / 8) as usize);
            let light = matches!(
                (lines[row / 2][column], row % 2),
                ('\u{2588}', _) | ('\u{2580}', 0) | ('\u{2584}', 1)
            );
            Luma([if light { 255 } else { 0 }])
        });
        assert_eq!(read(pixels), LINK);
    }

    #[test]
    fn the_svg_is_one() {
        let drawn = String::from_utf8(render(LINK, Form::Svg).unwrap()).unwrap();
        assert!(drawn.contains("<svg") && drawn.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn the_longest_link_fits() {
        let host = "h".repeat(120 - LINK.len() + "wallet.example".len());
        let link = LINK.replace("wallet.example", &host);
        assert_eq!(link.len(), 120);
        assert!(render(&link, Form::Text).is_some());
    }
}
