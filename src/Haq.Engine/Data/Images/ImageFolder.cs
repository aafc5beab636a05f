using Haq.Engine.Files;
namespace Haq.Engine.Data.Images;

/// <summary>Images below a folder.</summary>
internal sealed class ImageFolder : IImageFiles
{
    private readonly string _root;

    public ImageFolder(string root)
    {
        _root = root;
        // A link to a folder above is followed once.
        var images = FolderWalk.Files(root).Keys.Where(path => ImageNames.IsImage(path) && !path.Split('/').Any(part => part.StartsWith('.'))).ToList();
        images.Sort(StringComparer.Ordinal);
        Images = images;
    }

    public IReadOnlyList<string> Images { get; }

    public byte[] Read(int image) => File.ReadAllBytes(PathOf(image));

    public string Stamp(int image)
    {
        var info = new FileInfo(PathOf(image));
        return FormattableString.Invariant($"{info.Length}/{info.LastWriteTimeUtc.Ticks}");
    }

    public string? Text(string path)
    {
        string full = Path.Combine(_root, path);
        return File.Exists(full) ? File.ReadAllText(full) : null;
    }

    public void Dispose() { }

    private string PathOf(int image) => Path.Combine(_root, Images[image]);
}
