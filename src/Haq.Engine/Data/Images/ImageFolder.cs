namespace Haq.Engine.Data.Images;

/// <summary>Images below a folder.</summary>
internal sealed class ImageFolder : IImageFiles
{
    private readonly string _root;

    public ImageFolder(string root)
    {
        _root = root;
        var images = Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden })
            .Where(ImageNames.IsImage).Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).ToList();
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
