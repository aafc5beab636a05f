using Google.Protobuf;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Numerics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Reads model files, and says in one line why a file is not one.</summary>
internal static class ModelReader
{
    public static OnnxModel Load(string path)
    {
        ModelProto proto;
        try
        {
            if (Directory.Exists(path)) throw DiagnosticCatalog.ModelNotFound.Error(path, "is a folder; expected an .onnx file.");
            OrdinaryFile.Require(path);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (file.Length > int.MaxValue)
                throw DiagnosticCatalog.NotOnnx.Error(path, $"has {file.Length} bytes, but an ONNX file ends at 2 GB. Export it with external data.");
            proto = ParseProto(path, () => ModelProto.Parser.ParseFrom(file), () => Head(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DiagnosticCatalog.ModelNotFound.Error(path, $"there is no such file.{Similar(path)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw DiagnosticCatalog.ModelNotFound.Error(path, $"cannot be read: {e.Message.TrimEnd('.')}. Check the path and its permissions.", e);
        }
        return MappedConstants.KeepPacked(ModelCheck.Checked(new OnnxModel(proto, path, Path.GetDirectoryName(Path.GetFullPath(path)))));
    }

    public static OnnxModel Parse(ReadOnlySpan<byte> bytes, string name, string? folder)
    {
        byte[] copy = bytes.ToArray();
        var proto = ParseProto(name, () => ModelProto.Parser.ParseFrom(copy), () => copy.AsSpan(0, Math.Min(16, copy.Length)).ToArray());
        return MappedConstants.KeepPacked(ModelCheck.Checked(new OnnxModel(proto, name, folder)));
    }

    private static ModelProto ParseProto(string name, Func<ModelProto> parse, Func<byte[]> head)
    {
        ModelProto proto;
        try
        {
            proto = parse();
        }
        catch (InvalidProtocolBufferException e)
        {
            throw DiagnosticCatalog.NotOnnx.Error(name, $"is not an ONNX model, or is cut off{Guess(head())}. Export or copy it again.", e);
        }
        // Anything parses as protobuf if its fields are unknown; a model has a version and operator sets.
        if (proto.IrVersion == 0 && proto.Graph is null)
            throw DiagnosticCatalog.NotOnnx.Error(name, $"is not an ONNX model{Guess(head())}. Export the network as ONNX.");
        return proto;
    }

    private static byte[] Head(string path)
    {
        using var file = File.OpenRead(path);
        byte[] head = new byte[Math.Min(16, file.Length)];
        file.ReadExactly(head);
        return head;
    }

    private static string Guess(ReadOnlySpan<byte> head)
    {
        if (head.Length == 0) return " (the file is empty)";
        if (head.StartsWith("PK"u8)) return " (it is a ZIP archive, as PyTorch and Keras write)";
        if (head.StartsWith("\x89HDF"u8) || (head.Length > 3 && head[0] == 0x89 && head[1] == 'H')) return " (it is an HDF5 file, as Keras writes)";
        if (head.Length >= 8 && head[4..8].SequenceEqual("TFL3"u8)) return " (it is a TensorFlow Lite model)";
        if (head.Length >= 8 && head[4..8].SequenceEqual("ORTM"u8)) return " (it is ONNX Runtime's own format)";
        if (head[0] == 0x80 && head.Length > 1 && head[1] is >= 2 and <= 5) return " (it is a Python pickle)";
        if (head.StartsWith("version https://git-lfs"u8[..Math.Min(16, head.Length)])) return " (it is a Git LFS pointer: run 'git lfs pull')";
        return "";
    }

    private static string Similar(string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is null || !Directory.Exists(folder)) return $" Neither is there a folder '{folder}'.";
        var names = Directory.EnumerateFiles(folder, "*.onnx").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal);
        return Suggestion.For(Path.GetFileName(path), names) is { } similar ? $" Did you mean '{similar}'?" : " Check the path.";
    }
}
