using System.Text.Encodings.Web;
using System.Text.Json;

namespace Haq.Tool.Output;

/// <summary>One JSON document on standard output, indented, with a line feed at its end.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions s_layout = new()
    {
        Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(Action<Utf8JsonWriter> content)
    {
        using var stdout = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        using (var writer = new Utf8JsonWriter(stdout, s_layout)) content(writer);
        stdout.WriteByte((byte)'\n');
    }
}
