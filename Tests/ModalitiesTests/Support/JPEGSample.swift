import Foundation

/// A JPEG of 48 x 32 pixels: red 5 x, green 7 y, blue 128, quality 90.
enum JPEGSample {
    static let width = 48, height = 32

    static let bytes: [UInt8] = {
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
            preconditionFailure("the sample is not base64")
        }
        return [UInt8](data)
    }()

    private static let text = """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4R
        DgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU
        FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAgADADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAA
        AAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk
        M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKT
        lJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QA
        HwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdh
        cRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hp
        anN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk
        5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD4FsfDXT5f0roLHw10+Wu4sfDPT5K37Hw10+Sv2vEZr5nzeUZ3
        tqcRY+GunyV0Fj4Z6fJ+ldvY+GenyV0Fj4a6fJXzeIzXzP2rKM721OHsfDXT5K6Cx8M9PkruLHwz0+SugsfDPT5K
        +bxGa+Z+15Rne2p5vY+GunyV0Fj4Z6fJ+ldxY+Guny10Fj4a6fL+leJiM18z/K3KM721OHsfDXT5K6Cx8NdPlruL
        Hw10+X9K6Cx8NdPl/Svm8RmvmftWUZ3tqcPY+Guny/pXQWPhrp8v6V3Fj4a6fLW/Y+GenyV83iM18z9ryjO9tT//
        2Q==
        """
}
