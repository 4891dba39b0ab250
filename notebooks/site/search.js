/* How the search ranks: as it does by default, with the page of questions before all others. */
var Scorer = {
  score: ([page, title, anchor, description, score]) => score + (page.endsWith("/faq") ? 20 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
