using System.Text.Json;
using System.Text.Json.Serialization;

namespace Haq.Engine.Reporting;

/// <summary>Optional figures: JSON has no infinity or NaN, so such a figure is written as null, which reads as unknown.</summary>
internal sealed class FiniteNumberConverter : JsonConverter<double?>
{
    public override bool HandleNull => true;

    public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.Number => reader.GetDouble(),
            _ => throw new JsonException("expected a number"),
        };

    public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options)
    {
        if (value is { } number && double.IsFinite(number)) writer.WriteNumberValue(number);
        else writer.WriteNullValue();
    }
}
