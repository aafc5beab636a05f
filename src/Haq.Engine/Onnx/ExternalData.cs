using System.Globalization;
using Google.Protobuf;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>The files beside a model that hold its large tensors. Nothing is kept in memory; safe for concurrent reads.</summary>
public sealed class ExternalData
{
    private readonly string _model;
    private readonly string? _folder;
    private readonly Lazy<string?> _realFolder;

    /// <summary>The external data of <paramref name="model"/>, under <paramref name="folder"/>; a model from memory has none.</summary>
    internal ExternalData(string model, string? folder)
    {
        (_model, _folder) = (model, folder is null ? null : Path.GetFullPath(folder));
        // Caches of model hubs keep blobs in one folder, and models and their data as links to them in another.
        _realFolder = new(() => File.Exists(_model) ? Path.GetDirectoryName(LinkTarget.Of(Path.GetFullPath(_model))) : null);
    }

    /// <summary>The folder that locations are relative to; null for a model that came from memory.</summary>
    public string? Folder => _folder;

    /// <summary>The tensor's elements are in another file.</summary>
    public static bool Holds(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External;

    /// <summary>Checks that every byte of the tensor is there, without reading it.</summary>
    /// <exception cref="HaqException">The file is missing, too short, or outside the model's folder (HAQ0304).</exception>
    public void Check(TensorProto tensor) => Locate(tensor);

    /// <summary>The file that holds the tensor's bytes, as an absolute path.</summary>
    /// <exception cref="HaqException">The file is missing, too short, or outside the model's folder (HAQ0304).</exception>
    public string FileOf(TensorProto tensor) => Locate(tensor).Path;

    /// <summary>Reads the tensor's bytes.</summary>
    /// <exception cref="HaqException">The file is missing, too short, or outside the model's folder (HAQ0304).</exception>
    public byte[] Read(TensorProto tensor)
    {
        var (path, offset, length) = Locate(tensor);
        if (length > Array.MaxLength) throw Error(tensor, $"is {length} bytes, more than one array can hold");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            file.Position = offset;
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Error(tensor, $"cannot be read: {e.Message}", e);
        }
        return bytes;
    }

    /// <summary>Hands the tensor's bytes to <paramref name="sink"/> piece by piece.</summary>
    /// <exception cref="HaqException">The file is missing, too short, or outside the model's folder (HAQ0304).</exception>
    public void Stream(TensorProto tensor, Action<ReadOnlyMemory<byte>> sink)
    {
        var (path, offset, length) = Locate(tensor);
        byte[] piece = new byte[(int)Math.Min(length, 1 << 20)];
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            file.Position = offset;
            while (length > 0)
            {
                int count = (int)Math.Min(length, piece.Length);
                file.ReadExactly(piece, 0, count);
                sink(piece.AsMemory(0, count));
                length -= count;
            }
        }
        catch (EndOfStreamException e)
        {
            throw Error(tensor, "ends while it is read", e);
        }
    }

    /// <summary>Points a tensor at bytes in another file.</summary>
    internal static void Point(TensorProto tensor, string location, long offset, long length)
    {
        tensor.RawData = ByteString.Empty;
        TypedFields.Clear(tensor);
        tensor.ExternalData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>Takes the tensor's bytes back into the model.</summary>
    internal void Inline(TensorProto tensor)
    {
        var bytes = UnsafeByteOperations.UnsafeWrap(Read(tensor));
        tensor.ExternalData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.Default;
        tensor.RawData = bytes;
    }

    private (string Path, long Offset, long Length) Locate(TensorProto tensor)
    {
        string? location = Entry(tensor, "location");
        if (string.IsNullOrEmpty(location)) throw Error(tensor, "names no file");
        if (_folder is null) throw Error(tensor, $"is in '{location}', but the model was not read from a file");
        if (location.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(location)) throw Error(tensor, $"names '{location}', which is not a path inside the model's folder");
        string path = Path.GetFullPath(Path.Combine(_folder, location));
        if (!IsInside(path)) throw Error(tensor, $"names '{location}', which is not inside the model's folder");
        long offset = Number(tensor, "offset") ?? 0;
        long needed = TensorData.ByteLength(tensor) ?? throw Error(tensor, "has a type or shape that cannot be stored in a file");
        long length = Number(tensor, "length") ?? needed;
        if (length != needed) throw Error(tensor, $"says {length} bytes, but its type and shape need {needed}");
        var file = new FileInfo(path);
        if (!file.Exists) throw Error(tensor, $"is in '{location}', which is missing. Put the file beside the model");
        // A symbolic link, of the file or of a folder on the way, may point anywhere: what counts is where it leads. Beside the file that the model itself is a link to is as good as beside the model.
        string leads = LinkTarget.Of(path) ?? path;
        if (!IsInside(leads, LinkTarget.Of(_folder) ?? _folder) && !(_realFolder.Value is { } real && IsInside(leads, real)))
            throw Error(tensor, $"names '{location}', a link that leads outside the model's folder");
        file = new FileInfo(leads);
        if (offset < 0 || offset > file.Length - length) throw Error(tensor, $"needs bytes {offset}..{offset + length} of '{location}', which has {file.Length}");
        return (path, offset, length);
    }

    private bool IsInside(string path) => IsInside(path, _folder!);

    private static bool IsInside(string path, string folder) => path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string? Entry(TensorProto tensor, string key)
    {
        foreach (var entry in tensor.ExternalData) if (entry.Key == key) return entry.Value;
        return null;
    }

    private long? Number(TensorProto tensor, string key)
    {
        if (Entry(tensor, key) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : throw Error(tensor, $"says {key} '{text}', which is not a number");
    }

    private HaqException Error(TensorProto tensor, string what, Exception? cause = null) =>
        DiagnosticCatalog.ExternalData.Error(_model, $"the external data of tensor '{tensor.Name}' {what}.", cause);
}
