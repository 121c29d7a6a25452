/* Nothing of GMime or GLib is seen by Swift: only CGMime includes their headers. This module brings the flags of pkg-config along. */
