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

    public byte[] Read(int image)
    {
        OrdinaryFile.Require(PathOf(image));
        return File.ReadAllBytes(PathOf(image));
    }

    public string Stamp(int image)
    {
        var info = new FileInfo(PathOf(image));
        return FormattableString.Invariant($"{info.Length}/{info.LastWriteTimeUtc.Ticks}");
    }

    public string? Text(string path)
    {
        string full = Path.Combine(_root, path);
        if (!File.Exists(full)) return null;
        OrdinaryFile.Require(full);
        return File.ReadAllText(full);
    }

    public void Dispose() { }

    private string PathOf(int image) => Path.Combine(_root, Images[image]);
}
