extension AlertSource {
    var samples: [SourceSample] { [] }
}
