namespace Haq.Engine.Reporting.Matrix;

/// <summary>A relative path as a link, whatever its names hold.</summary>
internal static class MatrixLink
{
    /// <param name="path">With forward slashes.</param>
    public static string Of(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
