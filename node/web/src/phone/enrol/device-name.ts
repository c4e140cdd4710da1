/** What kind of device this is, for a first name that the person can change. */
export function deviceNameKind(agent = navigator.userAgent): "iphone" | "ipad" | "android" | "other" {
  if (/iPhone/.test(agent)) return "iphone";
  if (/iPad/.test(agent)) return "ipad";
  return /Android/.test(agent) ? "android" : "other";
}
