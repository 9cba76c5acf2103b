"""Names for the sample company. Invented: syllables put together, places that are on no map."""

COMPANY = "Vartula Homewares"
# Who keeps the books of the two offices.
PEOPLE = ("Asha", "Ravi")
CITY = ("14 Mandovar Road", "Nilgarh 400 000")

CUSTOMERS = (
    "Ambevadi Stores", "Barotika Home Centre", "Chandrel Lifestyle", "Devrukhi & Sons", "Eklavi Furnishings",
    "Falguna Interiors", "Girnavat Mart", "Harshal Nivas Store", "Ishanpura Emporium", "Jalwanti Traders",
    "Kanchipur Decor", "Lohitya Retail", "Madhurang House", "Navkarli Gifts", "Omkarath Supplies",
    "Pratibhaan Shoppe", "Quilara Living", "Rudranil Bazaar", "Sarvottari Stores", "Tarunika Homes",
    "Udaipuri Corner", "Vaijanti Mart", "Yashodip Traders", "Zarokha Living",
)  # fmt: skip
SUPPLIERS = (
    "Arkavati Ceramics", "Bhuvanal Textiles", "Chitrakoti Brassware", "Dhanushya Glassworks", "Ervadi Woodcraft",
    "Gomtara Plastics", "Hemavarni Steel", "Indrajal Packaging", "Jyotiruchi Lamps", "Kalpavan Cane Works",
    "Meghdhara Carriers", "Neelabja Linen",
)  # fmt: skip
FOREIGN_CUSTOMER = "Harrowmere Interiors LLC"
BRANCHES = ("Nilgarh Showroom", "Ambevadi Warehouse", "Online")

NARRATIONS = {
    "sales": ("Being goods sold as per invoice", "Goods sold on credit", "Sale of homeware"),
    "purchase": ("Being goods bought", "Purchase of stock", "Goods received in good order"),
    "receipt": ("Being amount received", "Received by transfer", "Cheque received"),
    "payment": ("Being amount paid", "Paid by transfer", "Cheque issued"),
    "expense": ("Being expenses paid", "Monthly expense", "Paid as per bill"),
    "contra": ("Cash deposited into bank", "Cash drawn for office use"),
}
