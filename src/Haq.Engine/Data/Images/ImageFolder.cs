using Haq.Engine.Files;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>Images below a folder.</summary>
internal sealed class ImageFolder : IImageFiles
{
    private readonly string _root;
    private readonly NameList _images = new();

    public ImageFolder(string root, ListingProgress? watch = null)
    {
        _root = root;
        int listed = 0;
        // A link to a folder above is followed once.
        foreach (var (path, _) in FolderWalk.Each(root))
        {
            watch?.File(++listed);
            if (ImageNames.IsImage(path) && !path.StartsWith('.') && !path.Contains("/.", StringComparison.Ordinal)) _images.Add(path);
        }
        _images.Sort();
    }

    public int Count => _images.Count;

    public string NameOf(int image) => _images[image];

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

    public TextReader? Text(string path)
    {
        string full = Path.Combine(_root, path);
        if (!File.Exists(full)) return null;
        OrdinaryFile.Require(full);
        return new StreamReader(full);
    }

    public IEnumerable<(IImageFiles Files, FileReference Name, int First)> Parts(FileReference set) => [(this, set, 0)];

    public void Dispose() { }

    private string PathOf(int image) => Path.Combine(_root, _images[image]);
}
