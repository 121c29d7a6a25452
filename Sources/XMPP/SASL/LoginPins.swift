/// What earlier logins of an account have proved its server able to do; a later login must not do with less (R13).
public struct LoginPins: Hashable, Sendable {
    /// A SCRAM mechanism has worked: PLAIN is refused from then on (XEP-0474 § 5).
    public var scram: Bool
    /// A -PLUS mechanism has worked: channel binding is required, unless XEP-0474 proves that the server doesn't offer it any more.
    public var channelBinding: Bool
    /// The server offered -PLUS without a list of types (XEP-0440), refused ours and took SCRAM without it: as long as it sends no
    /// list, channel binding isn't tried again, since each failed attempt looks to the server like a wrong password.
    public var unlistedBindingFails: Bool

    /// Makes pins; the default is an account that has never logged in.
    public init(scram: Bool = false, channelBinding: Bool = false, unlistedBindingFails: Bool = false) {
        self.scram = scram
        self.channelBinding = channelBinding
        self.unlistedBindingFails = unlistedBindingFails
    }
}

/// Where pins are kept between logins and starts.
public protocol LoginMemory: Sendable {
    /// The pins of an account; `nil` if it has never logged in.
    func loginPins(of account: Address) async throws -> LoginPins?
    /// Keeps the pins of an account; `nil` forgets them, which only the operator may ask for.
    func setLoginPins(_ pins: LoginPins?, of account: Address) async throws
}
