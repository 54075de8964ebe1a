//! From words to a query of the index.
//!
//! Every word must be there, in any of these ways, the best first: with its very marks in the
//! title; folded in the title; folded anywhere; as the beginning of a word, if it is the last one
//! typed; written together with its neighbour, or apart; with slips of the finger. A word that the
//! index knows is taken as it stands, or "bánh" would bring all of "canh" and "xanh" too and a
//! search by price would begin with them; slips in it are forgiven only when nothing else is found.

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, FuzzyTermQuery, Occur, PhrasePrefixQuery,
    PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::super::highlight::Mark;
use super::super::typos;
use super::super::words::Word;
use super::schema::Fields;
use super::terms::KnownWords;

// How much a way of matching counts. The first three multiply BM25 scores, the others stand alone.
const TITLE_WITH_MARKS: f32 = 4.0;
const TITLE: f32 = 2.0;
const ANYWHERE: f32 = 0.5;
const NEIGHBOURS_IN_TITLE: f32 = 1.5;
const BEGINNING_IN_TITLE: f32 = 1.0;
const BEGINNING_ANYWHERE: f32 = 0.25;
const SLIP_IN_TITLE: f32 = 0.5;
const SLIP_ANYWHERE: f32 = 0.1;

/// Words that begin alike, looked at when the last part of a split word is unfinished.
const MAX_ENDINGS: u32 = 50;

/// Which words may have slips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slips {
    /// Only words that the index does not know.
    InUnknownWords,
    /// All that are long enough.
    InAllWords,
}

/// A word to look for, with what is known about it.
pub(super) struct PlannedWord {
    /// The word, and how it is marked in titles.
    pub mark: Mark,
    accented: String,
    splits: Vec<Vec<String>>,
    /// Written together with a neighbour, where the index knows such a word.
    joined: Vec<String>,
}

/// Looks up what is known about the words.
pub(super) fn plan(
    words: &[Word],
    slips: Slips,
    known: &KnownWords<'_>,
) -> tantivy::Result<Vec<PlannedWord>> {
    let mut planned = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        let unfinished = place + 1 == words.len();
        let is_known = known.has(&word.folded)? || (unfinished && known.begins(&word.folded)?);
        let splits = if is_known { Vec::new() } else { known.splits(&word.folded, unfinished)? };
        let forgives = match slips {
            Slips::InUnknownWords => !is_known && splits.is_empty(),
            Slips::InAllWords => true,
        };
        let before = place.checked_sub(1).map(|before| &words[before]);
        let mut joined = Vec::new();
        for (left, right) in
            [before.map(|before| (before, word)), words.get(place + 1).map(|next| (word, next))]
                .into_iter()
                .flatten()
        {
            let together = format!("{}{}", left.folded, right.folded);
            if known.has(&together)? {
                joined.push(together);
            }
        }
        let slips = if forgives { typos::forgiven(&word.folded) } else { 0 };
        planned.push(PlannedWord {
            mark: Mark { folded: word.folded.clone(), unfinished, slips },
            accented: word.accented.clone(),
            splits,
            joined,
        });
    }
    Ok(planned)
}

/// The query that finds products with all the words.
pub(super) fn query(words: &[PlannedWord], fields: &Fields) -> Box<dyn Query> {
    let mut clauses: Vec<(Occur, Box<dyn Query>)> =
        words.iter().map(|word| (Occur::Must, word_query(word, fields))).collect();
    for pair in words.windows(2) {
        let terms = pair
            .iter()
            .map(|word| Term::from_field_text(fields.title_folded, &word.mark.folded))
            .collect();
        let neighbours = boost(Box::new(PhraseQuery::new(terms)), NEIGHBOURS_IN_TITLE);
        clauses.push((Occur::Should, neighbours));
    }
    Box::new(BooleanQuery::new(clauses))
}

/// The query that finds products with one word, in any way.
pub(super) fn word_query(word: &PlannedWord, fields: &Fields) -> Box<dyn Query> {
    let Mark { folded, unfinished, slips } = &word.mark;
    let mut ways = vec![
        boost(exact(fields.title, &word.accented), TITLE_WITH_MARKS),
        boost(exact(fields.title_folded, folded), TITLE),
        boost(exact(fields.all_folded, folded), ANYWHERE),
    ];
    for together in &word.joined {
        ways.push(boost(exact(fields.title_folded, together), TITLE));
        ways.push(boost(exact(fields.all_folded, together), ANYWHERE));
    }
    for parts in &word.splits {
        ways.push(boost(phrase(fields.title_folded, parts, *unfinished), TITLE));
        ways.push(boost(phrase(fields.all_folded, parts, *unfinished), ANYWHERE));
    }
    if *unfinished {
        ways.push(constant(beginning(fields.title_folded, folded), BEGINNING_IN_TITLE));
        ways.push(constant(beginning(fields.all_folded, folded), BEGINNING_ANYWHERE));
    }
    if *slips > 0 {
        ways.push(constant(close(fields.title_folded, folded, *slips), SLIP_IN_TITLE));
        ways.push(constant(close(fields.all_folded, folded, *slips), SLIP_ANYWHERE));
    }
    Box::new(BooleanQuery::union(ways))
}

fn exact(field: Field, word: &str) -> Box<dyn Query> {
    let term = Term::from_field_text(field, word);
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn phrase(field: Field, parts: &[String], unfinished: bool) -> Box<dyn Query> {
    let terms = parts.iter().map(|part| Term::from_field_text(field, part)).collect();
    if unfinished {
        let mut query = PhrasePrefixQuery::new(terms);
        query.set_max_expansions(MAX_ENDINGS);
        Box::new(query)
    } else {
        Box::new(PhraseQuery::new(terms))
    }
}

fn beginning(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, word), 0, true))
}

fn close(field: Field, word: &str, slips: u8) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new(Term::from_field_text(field, word), slips, true))
}

fn boost(query: Box<dyn Query>, factor: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, factor))
}

fn constant(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}
