//! `/openapi.json`, made from the tables of routes: what is not there does not exist.

use super::guard::Guard;
use super::json::json_bytes;
use super::route::{Content, Route};
use super::{operator_routes, partner_routes, web_routes};
use axum::response::Response;
use http::{Method, StatusCode};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use symbolon_domain::api;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required,
    ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

/// The description as JSON; it is the same for the whole life of the process.
static DOCUMENT: LazyLock<Vec<u8>> =
    LazyLock::new(|| serde_json::to_vec(&describe()).unwrap_or_default());

/// `GET /openapi.json`.
pub async fn document() -> Response {
    json_bytes(StatusCode::OK, DOCUMENT.clone())
}

/// Describes every route of every listener.
#[must_use]
pub fn describe() -> OpenApi {
    let listeners =
        [("web", web_routes()), ("partner", partner_routes()), ("operators", operator_routes())];
    let mut found: BTreeMap<(&'static str, String), Vec<(&str, Route)>> = BTreeMap::new();
    let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    let mut problem = vec![(api::Problem::name().into_owned(), api::Problem::schema())];
    api::Problem::schemas(&mut problem);
    schemas.extend(problem);
    for (listener, routes) in listeners {
        for mut route in routes {
            schemas.extend(std::mem::take(&mut route.schemas));
            let place = (route.path, route.method.to_string());
            found.entry(place).or_default().push((listener, route));
        }
    }
    let mut items: BTreeMap<&'static str, PathItem> = BTreeMap::new();
    for ((path, _), routes) in found {
        let Some((_, route)) = routes.first() else { continue };
        let item = PathItem::new(http_method(&route.method), operation(&routes, route));
        match items.get_mut(path) {
            Some(known) => known.merge_operations(item),
            None => drop(items.insert(path, item)),
        }
    }
    let paths =
        items.into_iter().fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item));
    let mut components = Components::new();
    components.schemas.extend(schemas);
    components.security_schemes.extend(security_schemes());
    let info =
        InfoBuilder::new().title("Symbolon").version(env!("CARGO_PKG_VERSION")).description(Some(
            "Three listeners: web (phones, pages, front ends), partner (institutions, with a \
             client certificate) and operators (with one of the operators' CA). Each route's tag \
             names its listener and the guard in front of it.",
        ));
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

/// One path and method: on several listeners it can have several guards.
fn operation(routes: &[(&str, Route)], route: &Route) -> Operation {
    let line = |(listener, route): &(&str, Route)| {
        format!("{listener} (guard {:?}): {}.", route.guard, route.summary)
    };
    let mut operation = OperationBuilder::new()
        .tags(Some(routes.iter().map(|(listener, _)| *listener)))
        .summary(Some(route.summary))
        .description(Some(routes.iter().map(line).collect::<Vec<_>>().join(" ")));
    for name in path_parameters(route.path) {
        operation = operation.parameter(parameter(name, ParameterIn::Path, Required::True));
    }
    for name in route.query {
        operation = operation.parameter(parameter(name, ParameterIn::Query, Required::False));
    }
    if let Some(content) = &route.takes {
        let body = RequestBodyBuilder::new()
            .content(content.media_type, self::content(content))
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let (status, gives) = &route.gives;
    let mut response = ResponseBuilder::new().description("It worked.");
    if let Some(content) = gives {
        response = response.content(content.media_type, self::content(content));
    }
    let refused = Content {
        media_type: "application/problem+json",
        schema: Some(api::Problem::name().into_owned()),
    };
    let problem = ResponseBuilder::new()
        .description("It did not; the type names a page about it (RFC 9457).")
        .content(refused.media_type, self::content(&refused));
    for security in routes.iter().filter_map(|(_, route)| security(route.guard)) {
        operation = operation.security(security);
    }
    operation
        .response(status.to_string(), response.build())
        .response("default", problem.build())
        .build()
}

fn content(content: &Content) -> utoipa::openapi::Content {
    let schema: RefOr<Schema> = match &content.schema {
        Some(name) => Ref::from_schema_name(name).into(),
        None => ObjectBuilder::new().schema_type(Type::String).into(),
    };
    utoipa::openapi::Content::new(Some(schema))
}

fn parameter(name: &str, place: ParameterIn, required: Required) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// The names between braces.
fn path_parameters(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn http_method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn security(guard: Guard) -> Option<SecurityRequirement> {
    let name = match guard {
        Guard::Anyone => return None,
        Guard::Proof | Guard::FrontEnd | Guard::Device | Guard::Party => "dpop",
        Guard::Certificate | Guard::Registered | Guard::Institution | Guard::Operator => "mtls",
    };
    Some(SecurityRequirement::new(name, Vec::<String>::new()))
}

fn security_schemes() -> [(String, RefOr<SecurityScheme>); 2] {
    let dpop = ApiKeyValue::with_description("DPoP", "RFC 9449, with Authorization: DPoP <token>");
    let mtls = SecurityScheme::MutualTls {
        description: Some("a client certificate (RFC 8705)".into()),
        deprecated: None,
        extensions: None,
    };
    [
        ("dpop".into(), SecurityScheme::ApiKey(ApiKey::Header(dpop)).into()),
        ("mtls".into(), mtls.into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described() {
        let document: serde_json::Value = serde_json::from_slice(&DOCUMENT).unwrap();
        let mut count = 0;
        for route in [web_routes(), partner_routes(), operator_routes()].into_iter().flatten() {
            let operation =
                &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
            let told = operation["description"].as_str().unwrap_or_default();
            assert!(told.contains(route.summary), "{} {}: {told}", route.method, route.path);
            assert!(!route.summary.is_empty());
            count += 1;
        }
        assert!(count > 50, "{count}");
    }

    #[test]
    fn every_reference_resolves() {
        let text = String::from_utf8(DOCUMENT.clone()).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
