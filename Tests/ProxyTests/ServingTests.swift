import Testing

/// Tests of a whole proxy over sockets. One after the other: their clients block, and threads are few.
@Suite(.serialized) enum ServingTests {}
