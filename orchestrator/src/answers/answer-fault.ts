/** Why a body is no whole answer of its format. */
export class AnswerFault extends Error {
  override readonly name: string = 'AnswerFault';
}
