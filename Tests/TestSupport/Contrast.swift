import Foundation

/// Contrast ratio of two colours of the form `#rrggbb`, by the definition of WCAG 2.2.
package func contrast(_ one: String, _ other: String) -> Double {
  func luminance(_ color: String) -> Double {
    let number = Int(color.dropFirst(), radix: 16) ?? 0
    let parts = [16, 8, 0].map { shift -> Double in
      let value = Double(number >> shift & 0xFF) / 255
      return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
  let values = [luminance(one), luminance(other)].sorted()
  return (values[1] + 0.05) / (values[0] + 0.05)
}
