namespace Haq.Engine.Data.Images;

/// <summary>The files of an image set: a folder's or a zip's. Reads may be concurrent.</summary>
internal interface IImageFiles : IDisposable
{
    /// <summary>The images' paths inside, with forward slashes, in ordinal order.</summary>
    IReadOnlyList<string> Images { get; }

    /// <summary>The bytes of an image.</summary>
    byte[] Read(int image);

    /// <summary>Something that changes when an image does, cheaper than its content: for the key of a cache.</summary>
    string Stamp(int image);

    /// <summary>The text of another file inside, or null.</summary>
    string? Text(string path);
}
