//! What is near a point. A product is where its ward is: at the ward's centre. Nearer than that the market
//! tells nobody where the people live who sell from their homes.

use kernel::{Coordinates, ward_centre, ward_centres};

/// The largest radius, in metres: more than the city and all its neighbours.
pub const MAX_RADIUS_METRES: u32 = 500_000;

/// A point, and how far around it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// The point.
    pub point: Coordinates,
    /// How far around it, in metres.
    pub radius_metres: u32,
}

impl Near {
    /// How far it is to a ward, in metres; `None` of a ward that is not known or too far away.
    pub fn metres_to(self, ward_code: &str) -> Option<u32> {
        let metres = ward_centre(ward_code)?.metres_to(self.point);
        (metres <= self.radius_metres).then_some(metres)
    }

    /// The wards around the point, each with its distance in metres.
    pub fn wards(self) -> Vec<(&'static str, u32)> {
        let metres = |code: &'static str| Some((code, self.metres_to(code)?));
        ward_centres().filter_map(|(code, _)| metres(code)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wards_within_the_radius_are_near() {
        let point = ward_centre("31186").unwrap();
        let around = |radius_metres| Near { point, radius_metres };
        assert_eq!(around(0).wards(), [("31186", 0)]);
        // Ward 31315 is 8.8 km away, 31299 11.1 km.
        let near = around(9_000);
        assert_eq!((near.metres_to("31186"), near.metres_to("31299")), (Some(0), None));
        assert_eq!(near.metres_to("31315"), Some(8_763));
        assert_eq!((near.metres_to(""), near.metres_to("99999")), (None, None));
        assert_eq!(around(MAX_RADIUS_METRES).wards().len(), 103);
    }
}
