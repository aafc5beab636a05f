namespace Haq.Engine.Data.Images;

/// <summary>Which files are images.</summary>
internal static class ImageNames
{
    public static bool IsImage(string path) => Path.GetExtension(path).ToLowerInvariant() is (".jpg" or ".jpeg" or ".png") && !Path.GetFileName(path).StartsWith('.');
}
