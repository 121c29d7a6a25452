/// Which Oxbow this is.
public enum Version {
    /// The version number, as in `oxbow --version` and XEP-0092.
    public static let number = "0.1.0"
}
