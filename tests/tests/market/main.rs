//! Journeys through the whole market, a part of it a module. They are one program, for linking one takes as
//! long as running some of them; what is sensitive to others beside it is a program of its own.

mod cards;
mod direct;
mod goods;
mod letters;
mod octo;
mod octo_answers;
mod operators;
mod part_payments;
mod peers;
mod photos;
mod privacy;
mod staff;
mod sub_accounts;
