using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Haq.Engine.Layers;
using Haq.Engine.Pipeline.LockFiles;
using Haq.Engine.Pipeline.Sidecars;

namespace Haq.Engine.Tests.Pipeline.Sidecars;

/// <summary>Each sidecar is read back by a reader of its format, and says what the lock file decided.</summary>
public sealed class SidecarTests
{
    // The messages of edgeai-tidl-tools docs/tidl_quantParams.md.
    private static readonly Dictionary<string, string[]> s_tidl = new(StringComparer.Ordinal)
    {
        [""] = ["num_layers", "quant_type", "calib_type", "layers"],
        ["layers"] = ["layer_name", "layer_type", "bit_depth", "outputs", "weights", "bias", "slope"],
        ["outputs"] = ["min", "max", "size", "element_type", "scale", "zero_point", "value"],
        ["weights"] = ["min", "max", "size", "element_type", "scale", "zero_point", "value"],
        ["bias"] = ["min", "max", "size", "element_type", "scale", "zero_point", "value"],
    };

    private static readonly SidecarFacts s_facts = new(
        [
            new SidecarLayer("stem", OpKind.Conv, false, new LayerBits(8, 8), new SidecarRange(-1.5, 2.5), new SidecarRange(-0.25, 0.5), [0.125f, -3f]),
            new SidecarLayer("a \"deep\", one", OpKind.Conv, true, new LayerBits(4, 8), null, new SidecarRange(-1, 1), []),
            new SidecarLayer("body", OpKind.Conv, false, new LayerBits(8, 16), new SidecarRange(0, 6), new SidecarRange(-2, 2), [1f]),
            new SidecarLayer("left", OpKind.MatMul, false, LayerBits.Float, null, new SidecarRange(-2, 2), []),
            new SidecarLayer("head", OpKind.Gemm, false, new LayerBits(6, 8), new SidecarRange(-4, 4), new SidecarRange(-2, 2), []),
        ],
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [
            KeyValuePair.Create("x", new LockedScale(8, 0.5f, 128, 0, 255)), KeyValuePair.Create("h", new LockedScale(16, 0.25f, 0, 0, 65535)), KeyValuePair.Create("s", new LockedScale(8, 0.0625f, 0, -128, 127)),
        ]));

    [Fact]
    public void Tidl_gets_ranges_and_depths_in_its_own_messages()
    {
        var read = ProtoText.Read(TidlSidecar.Write(s_facts), s_tidl);
        var layers = read.Children("layers").ToList();
        Assert.Equal("4", read.Value("num_layers"));
        Assert.Equal(4, layers.Count);
        Assert.Equal(["stem", "a \"deep\", one", "body", "head"], layers.Select(l => l.Value("layer_name")));
        Assert.Equal(["8", "8", "16", "8"], layers.Select(l => l.Value("bit_depth")));
        Assert.Equal("TIDL_InnerProductLayer", layers[3].Value("layer_type"));
        var bias = layers[0].Children("bias").Single();
        Assert.Equal(("-3", "0.125", "2"), (bias.Value("min"), bias.Value("max"), bias.Value("size")));
        Assert.Equal(["0.125", "-3"], bias.Values("value"));
        Assert.Equal("2.5", layers[0].Children("outputs").Single().Value("max"));
        Assert.Empty(layers[1].Children("outputs"));
    }

    [Fact]
    public void Aimet_gets_a_list_of_encodings_in_format_2()
    {
        var root = JsonDocument.Parse(AimetSidecar.Write(s_facts)).RootElement;
        Assert.Equal("2.0.0", root.GetProperty("version").GetString());
        var read = root.GetProperty("encodings").EnumerateArray().Select(e => (e.GetProperty("name").GetString(), e.GetProperty("output_dtype").GetString(), e.GetProperty("y_scale").GetSingle(), e.GetProperty("y_zero_point").GetInt32()));
        Assert.Equal([("h", "uint16", 0.25f, 0), ("s", "int8", 0.0625f, 0), ("x", "uint8", 0.5f, 128)], read);
    }

    [Fact]
    public void Hailo_gets_script_lines_with_its_modes()
    {
        var lines = HailoSidecar.Write(s_facts).Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => Regex.Match(l, @"^quantization_param\((?<layer>[a-z]+\d+), precision_mode=(?<mode>a8_w8|a8_w4|a16_w16)\)$")).ToList();
        Assert.All(lines, l => Assert.True(l.Success));
        Assert.Equal([("conv1", "a8_w8"), ("dw1", "a8_w4"), ("conv2", "a16_w16"), ("fc2", "a8_w8")], lines.Select(l => (l.Groups["layer"].Value, l.Groups["mode"].Value)));
    }

    [Fact]
    public void The_table_has_every_layer_and_quotes_names_that_need_it()
    {
        string[] lines = CsvSidecar.Write(s_facts).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("layer,weight_bits,activation_bits", lines[0]);
        Assert.Equal("\"a \"\"deep\"\", one\",4,8", lines[2]);
        Assert.Equal("left,32,32", lines[4]);
        Assert.Equal(6, lines.Length);
    }

    /// <summary>Protobuf's text format, as far as these messages need it; fields that a message does not have are refused.</summary>
    private sealed class ProtoText
    {
        private readonly List<(string Name, object Value)> _fields = [];

        public string Value(string name) => Values(name).Single();

        public IEnumerable<string> Values(string name) => _fields.Where(f => f.Name == name).Select(f => (string)f.Value);

        public IEnumerable<ProtoText> Children(string name) => _fields.Where(f => f.Name == name).Select(f => (ProtoText)f.Value);

        public static ProtoText Read(string text, Dictionary<string, string[]> messages)
        {
            var tokens = new Queue<string>(Regex.Matches(Regex.Replace(text, "(?m)^#.*$", ""), "\"(?:\\\\.|[^\"])*\"|[{}:]|[^\\s{}:]+").Select(m => m.Value));
            return Message("", tokens, messages);
        }

        private static ProtoText Message(string name, Queue<string> tokens, Dictionary<string, string[]> messages)
        {
            var message = new ProtoText();
            while (tokens.TryDequeue(out string? field) && field != "}")
            {
                Assert.Contains(field, messages[name]);
                string next = tokens.Dequeue();
                if (next == "{")
                {
                    message._fields.Add((field, Message(field, tokens, messages)));
                }
                else
                {
                    Assert.Equal(":", next);
                    string value = tokens.Dequeue();
                    if (value[0] == '"') value = Regex.Unescape(value[1..^1]);
                    else if (!char.IsLetter(value[0])) double.Parse(value, CultureInfo.InvariantCulture);
                    message._fields.Add((field, value));
                }
            }
            return message;
        }
    }
}
