//! OpenAPI schemas of the types that are text on the wire.

use super::Bytes;
use crate::bytes::Digest;
use crate::crypto::wrap::Wrap;
use crate::jwk::{P256Jwk, X25519Jwk};
use crate::secret::SecretText;
use crate::{Id, Timestamp};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema::SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

macro_rules! text_schema {
    ($($type:ty, $format:expr, $description:literal;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                let format: Option<&str> = $format;
                let format = format.map(|format| SchemaFormat::Custom(format.into()));
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(format)
                    .description(Some($description))
                    .into()
            }
        }
        impl ToSchema for $type {}
    )*};
}

text_schema! {
    Id, None, "kind_region_26 characters, such as grt_eu1_…";
    Digest, Some("base64url"), "SHA-256, base64url without padding";
    Bytes, Some("base64url"), "bytes, base64url without padding";
    Wrap, Some("base64url"), "a wrapped key: bytes, base64url without padding";
    Timestamp, Some("date-time"), "RFC 3339, UTC";
    SecretText, Some("password"), "a secret: shown to its owner alone";
}

macro_rules! jwk_schema {
    ($($type:ty, $description:literal;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::Object)
                    .description(Some($description))
                    .into()
            }
        }
        impl ToSchema for $type {}
    )*};
}

jwk_schema! {
    P256Jwk, "P-256 public key as a JWK (RFC 7517): kty EC, crv P-256, x, y";
    X25519Jwk, "X25519 public key as a JWK (RFC 8037): kty OKP, crv X25519, x, kid";
}
