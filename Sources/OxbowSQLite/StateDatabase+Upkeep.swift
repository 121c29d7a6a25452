public import Delivery

extension StateDatabase: StoreUpkeep {}
