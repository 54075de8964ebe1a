//! Places: points on the earth, and where the wards of Cần Thơ are.

mod ward_centres;

use ward_centres::WARD_CENTRES;

/// Mean radius of the earth in metres (IUGG, GRS 80).
const EARTH_RADIUS: f64 = 6_371_008.8;
/// Parts of a degree.
const MICRO: f64 = 1_000_000.0;

/// A point on the earth (WGS 84), in millionths of a degree: a tenth of a metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Coordinates {
    /// Degrees north, in millionths.
    pub latitude_micro: i32,
    /// Degrees east, in millionths.
    pub longitude_micro: i32,
}

impl Coordinates {
    /// A point by its degrees north and east; `None` where there is no such point.
    pub fn of_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let is_point = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        let micro = |degrees: f64| (degrees * MICRO).round() as i32;
        is_point
            .then(|| Self { latitude_micro: micro(latitude), longitude_micro: micro(longitude) })
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude_micro) / MICRO
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude_micro) / MICRO
    }

    /// Metres to another point as the crow flies, on a sphere (haversine): right to half a hundredth.
    pub fn metres_to(self, other: Self) -> u32 {
        let (north, south) = (self.latitude().to_radians(), other.latitude().to_radians());
        let east = (other.longitude() - self.longitude()).to_radians();
        let half = |angle: f64| (angle / 2.0).sin().powi(2);
        let chord = half(south - north) + north.cos() * south.cos() * half(east);
        let angle = 2.0 * chord.sqrt().min(1.0).asin();
        (angle * EARTH_RADIUS).round() as u32
    }
}

/// Where a ward of Cần Thơ is: its centre.
pub fn ward_centre(code: &str) -> Option<Coordinates> {
    let place = WARD_CENTRES.binary_search_by_key(&code, |(code, ..)| *code).ok()?;
    WARD_CENTRES.get(place).map(|(_, north, east)| point(*north, *east))
}

/// All wards with their centres.
pub fn ward_centres() -> impl Iterator<Item = (&'static str, Coordinates)> {
    WARD_CENTRES.into_iter().map(|(code, north, east)| (code, point(north, east)))
}

const fn point(latitude_micro: i32, longitude_micro: i32) -> Coordinates {
    Coordinates { latitude_micro, longitude_micro }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ward_is_found_and_lies_in_can_tho() {
        assert!(WARD_CENTRES.is_sorted_by(|one, next| one.0 < next.0));
        for (code, centre) in ward_centres() {
            assert_eq!(ward_centre(code), Some(centre));
            assert!((9.2..10.4).contains(&centre.latitude()), "{code}");
            assert!((105.2..106.4).contains(&centre.longitude()), "{code}");
        }
        assert_eq!(ward_centres().count(), 103);
        assert_eq!(ward_centre("00000"), None);
        assert_eq!(ward_centre(""), None);
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let at = |latitude, longitude| Coordinates::of_degrees(latitude, longitude).unwrap();
        // A degree of the meridian, and of the equator.
        assert_eq!(at(10.0, 105.0).metres_to(at(11.0, 105.0)), 111_195);
        assert_eq!(at(0.0, 179.5).metres_to(at(0.0, -179.5)), 111_195);
        assert_eq!(at(10.0, 105.0).metres_to(at(10.0, 105.0)), 0);
        // Half around the earth.
        assert_eq!(at(90.0, 0.0).metres_to(at(-90.0, 0.0)), 20_015_114);
        let (kieu, rang) = (ward_centre("31135").unwrap(), ward_centre("31186").unwrap());
        assert!((2_000..8_000).contains(&kieu.metres_to(rang)), "{}", kieu.metres_to(rang));
        assert_eq!(kieu.metres_to(rang), rang.metres_to(kieu));
    }

    #[test]
    fn what_is_no_point_is_none() {
        for (latitude, longitude) in
            [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)]
        {
            assert_eq!(Coordinates::of_degrees(latitude, longitude), None);
        }
        let point = Coordinates::of_degrees(10.0333, 105.7875).unwrap();
        assert_eq!((point.latitude_micro, point.longitude_micro), (10_033_300, 105_787_500));
    }
}
