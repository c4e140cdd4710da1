import { BadInput, type Enrolment, parseEnrolment } from "../core/front-end.ts";

/** What a link's fragment, a scanner or a person's typing says; none if it is no invitation. */
export function invitationOf(text: string): Enrolment | undefined {
  try {
    return parseEnrolment(text);
  } catch (error) {
    if (error instanceof BadInput) return undefined;
    throw error;
  }
}
