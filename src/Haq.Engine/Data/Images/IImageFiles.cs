using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>The files of an image set: a folder's, an archive's, or those of a list of such. Reads may be concurrent.</summary>
internal interface IImageFiles : IDisposable
{
    /// <summary>How many images there are.</summary>
    int Count { get; }

    /// <summary>The image's path inside, with forward slashes: images are in the ordinal order of these, shard by shard.</summary>
    string NameOf(int image);

    /// <summary>The bytes of an image.</summary>
    byte[] Read(int image);

    /// <summary>Something that changes when an image does, cheaper than its content: for the key of a cache.</summary>
    string Stamp(int image);

    /// <summary>The text of another file inside, or null.</summary>
    TextReader? Text(string path);

    /// <summary>The folders and archives that it consists of, in order: how errors call each, and the number of its first image. One is closed when the next is asked for.</summary>
    IEnumerable<(IImageFiles Files, FileReference Name, int First)> Parts(FileReference set);
}
