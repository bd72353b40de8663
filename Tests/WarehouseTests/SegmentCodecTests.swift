import Testing
@testable import Warehouse
@Test func t() { #expect(BlockChecksum.of([]) == 0xEF46_DB37_51D8_E999) }
