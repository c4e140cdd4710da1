// The console's frame: whose it is, its sections, whether it hears the node.
import { useEffect, useMemo } from "preact/hooks";
import { consoleTexts } from "../texts/console.ts";
import { Announcer } from "../ui/announce.tsx";
import { Mark } from "../ui/icons.tsx";
import { LanguageSwitch } from "../ui/language-switch.tsx";
import { useTexts } from "../ui/language.ts";
import { useStore } from "../ui/store.ts";
import { InstitutionView } from "./api.ts";
import { Live } from "./live.ts";
import { type Loaded, useLoaded } from "./paged.ts";
import { GrantsIcon, OffersIcon, OverviewIcon, RequestsIcon, ScreensIcon, WebhookIcon } from "./parts/icons.tsx";
import { type Route, type Section, link, sections, useRoute } from "./route.ts";
import { Grant } from "./views/grant.tsx";
import { Grants } from "./views/grants.tsx";
import { Offer } from "./views/offer.tsx";
import { Offers } from "./views/offers.tsx";
import { Overview } from "./views/overview.tsx";
import { Request } from "./views/request.tsx";
import { Requests } from "./views/requests.tsx";
import { Screens } from "./views/screens.tsx";
import { Webhook } from "./views/webhook.tsx";

const icons: Record<Section, () => preact.JSX.Element> = {
  overview: OverviewIcon, offers: OffersIcon, requests: RequestsIcon, grants: GrantsIcon, screens: ScreensIcon, webhook: WebhookIcon,
};

export function App() {
  const t = useTexts(consoleTexts);
  const route = useRoute();
  const institution = useLoaded(InstitutionView, "/v1/institution");
  const live = useMemo(() => new Live(), []);
  const isApproved = institution.value?.state === "approved";
  useEffect(() => {
    if (!isApproved) return;
    const over = new AbortController();
    void live.follow(over.signal);
    return () => over.abort();
  }, [isApproved]);
  return (
    <div class="console">
      <a class="skip" href="#content" onClick={(event) => {
        // The fragment is the view's: the content is reached without it.
        event.preventDefault();
        document.getElementById("heading")?.focus();
      }}>{t.skip}</a>
      <header class="top">
        <span class="brand"><Mark />Symbolon<span class="muted">{t.brand}</span></span>
        {institution.value && <strong class="top-name">{institution.value.name}</strong>}
        <div class="bar-end">
          {isApproved && <Connection live={live} />}
          <LanguageSwitch />
        </div>
      </header>
      <nav class="nav" aria-label={t.nav}>
        <ul>
          {sections.map((section) => {
            const Icon = icons[section];
            return (
              <li key={section}>
                <a href={link(section)} data-section={section} aria-current={section === route.section ? "page" : undefined}>
                  <Icon />{t.sections[section]}
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
      <View route={route} institution={institution} live={live} />
      <Announcer />
    </div>
  );
}

function View({ route, institution, live }: { route: Route; institution: Loaded<InstitutionView>; live: Live }) {
  const { section, id } = route;
  switch (section) {
    case "overview": return <Overview institution={institution} live={live} />;
    case "offers": return id === undefined ? <Offers live={live} /> : <Offer key={id} id={id} live={live} />;
    case "requests": return id === undefined ? <Requests live={live} /> : <Request key={id} id={id} live={live} />;
    case "grants": return id === undefined ? <Grants live={live} /> : <Grant key={id} id={id} live={live} />;
    case "screens": return <Screens />;
    case "webhook": return <Webhook institution={institution} />;
  }
}

function Connection({ live }: { live: Live }) {
  const t = useTexts(consoleTexts).live;
  const isConnected = useStore(live.isConnected);
  return <span class={isConnected ? "live live-on" : "live"} role="status" title={isConnected ? undefined : t.offText}>{isConnected ? t.on : t.off}</span>;
}
