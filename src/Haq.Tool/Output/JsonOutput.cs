using System.Text;
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
        using var document = new MemoryStream();
        using (var writer = new Utf8JsonWriter(document, s_layout)) content(writer);
        document.WriteByte((byte)'\n');
        Console.Out.Write(Encoding.UTF8.GetString(document.GetBuffer(), 0, (int)document.Length));
    }
}
