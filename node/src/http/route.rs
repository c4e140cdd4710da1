//! The table of routes: path, method, guard, handler and description in one line each.
//! The router and the OpenAPI description are both made from it.

use super::guard::{self, Guard};
use super::state::App;
use crate::listen::raise;
use axum::extract::Request;
use axum::handler::Handler;
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};

/// The content type of most bodies.
pub const JSON: &str = "application/json";

/// What goes in or out.
pub struct Content {
    /// Its content type.
    pub media_type: &'static str,
    /// The name of its schema, if it is JSON or a form.
    pub schema: Option<String>,
}

/// One route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, `{name}` for a parameter.
    pub path: &'static str,
    /// What the caller must prove.
    pub guard: Guard,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What it takes.
    pub takes: Option<Content>,
    /// The status of success, and what comes with it.
    pub gives: (u16, Option<Content>),
    /// Query parameters.
    pub query: &'static [&'static str],
    /// The schemas that it names, and theirs.
    pub schemas: Vec<(String, RefOr<Schema>)>,
    handler: MethodRouter<Arc<App>>,
    bounds: Option<(u64, Duration)>,
}

impl Route {
    /// A route that reads.
    #[must_use]
    pub fn get<H, T>(path: &'static str, guard: Guard, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        Self::new(Method::GET, MethodFilter::GET, path, guard, handler, summary)
    }

    /// A route that does.
    #[must_use]
    pub fn post<H, T>(path: &'static str, guard: Guard, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        Self::new(Method::POST, MethodFilter::POST, path, guard, handler, summary)
    }

    /// A route that puts something at its path.
    #[must_use]
    pub fn put<H, T>(path: &'static str, guard: Guard, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        Self::new(Method::PUT, MethodFilter::PUT, path, guard, handler, summary)
    }

    /// A route that ends something.
    #[must_use]
    pub fn delete<H, T>(path: &'static str, guard: Guard, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        Self::new(Method::DELETE, MethodFilter::DELETE, path, guard, handler, summary)
    }

    fn new<H, T>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        guard: Guard,
        handler: H,
        summary: &'static str,
    ) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        Self {
            method,
            path,
            guard,
            summary,
            takes: None,
            gives: (204, None),
            query: &[],
            schemas: Vec::new(),
            handler: on(filter, handler),
            bounds: None,
        }
    }

    /// It takes this JSON.
    #[must_use]
    pub fn takes<T: ToSchema>(self) -> Self {
        self.takes_as::<T>(JSON)
    }

    /// It takes this, as another content type.
    #[must_use]
    pub fn takes_as<T: ToSchema>(mut self, media_type: &'static str) -> Self {
        let schema = Some(self.schema::<T>());
        self.takes = Some(Content { media_type, schema });
        self
    }

    /// It takes bytes of this content type.
    #[must_use]
    pub fn takes_bytes(mut self, media_type: &'static str) -> Self {
        self.takes = Some(Content { media_type, schema: None });
        self
    }

    /// It answers this JSON with 200.
    #[must_use]
    pub fn gives<T: ToSchema>(self) -> Self {
        self.gives_as::<T>(200, JSON)
    }

    /// It answers a page of these with 200.
    #[must_use]
    pub fn gives_page<T: ToSchema>(mut self) -> Self {
        let item = self.schema::<T>();
        let name = format!("PageOf{item}");
        let items = ArrayBuilder::new().items(Ref::from_schema_name(item));
        let cursor = ObjectBuilder::new().schema_type(Type::String);
        let page = ObjectBuilder::new()
            .property("items", items)
            .required("items")
            .property("cursor", cursor)
            .description(Some("ask for the next page with ?cursor=; none on the last"));
        self.schemas.push((name.clone(), page.into()));
        self.gives = (200, Some(Content { media_type: JSON, schema: Some(name) }));
        self
    }

    /// It answers this with another status or content type.
    #[must_use]
    pub fn gives_as<T: ToSchema>(mut self, status: u16, media_type: &'static str) -> Self {
        let schema = Some(self.schema::<T>());
        self.gives = (status, Some(Content { media_type, schema }));
        self
    }

    /// It answers JSON whose shape a standard describes.
    #[must_use]
    pub fn gives_json(mut self, status: u16) -> Self {
        self.gives = (status, Some(Content { media_type: JSON, schema: None }));
        self
    }

    /// It answers bytes of this content type with 200.
    #[must_use]
    pub fn gives_bytes(mut self, media_type: &'static str) -> Self {
        self.gives = (200, Some(Content { media_type, schema: None }));
        self
    }

    /// It answers this status without a body.
    #[must_use]
    pub fn gives_status(mut self, status: u16) -> Self {
        self.gives = (status, None);
        self
    }

    /// It has these query parameters.
    #[must_use]
    pub fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    /// Its body and its time have bounds of their own.
    #[must_use]
    pub fn bounded(mut self, body_bytes: u64, timeout: Duration) -> Self {
        self.bounds = Some((body_bytes, timeout));
        self
    }

    fn schema<T: ToSchema>(&mut self) -> String {
        let name = T::name().into_owned();
        T::schemas(&mut self.schemas);
        self.schemas.push((name.clone(), T::schema()));
        name
    }

    /// The handler behind its guard.
    pub fn into_handler(self, app: &Arc<App>) -> MethodRouter<Arc<App>> {
        let guarded = self
            .handler
            .layer(middleware::from_fn_with_state((app.clone(), self.guard), guard::stand));
        match self.bounds {
            None => guarded,
            Some((body_bytes, timeout)) => {
                guarded.layer(middleware::map_request(move |request: Request| async move {
                    raise(&request, body_bytes, timeout);
                    request
                }))
            }
        }
    }
}
