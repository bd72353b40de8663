import Foundation
import Generation
import Testing

@Suite struct CheckDigitTests {
  @Test func placeholder() {}
}
